"""Bills and their payments: what must never be there twice."""

from __future__ import annotations

from tests.chaos.kind import Body, Find, Kind, Value, day

# The sandbox numbers the lines of bill 1001 1001001, 1001002 and so on.
LINES_OF_A_BILL = 1000
TODAY = "2026-01-15"
PART = 10  # of a bill over 100, each payment pays as much


def reference(number: int) -> str:
    return f"R-{number}"


def check(number: int) -> str:
    return f"C-{number}"


BILL = Kind(
    name="bill",
    pages="/bills",
    table="bills",
    id_column="buildium_bill_id",
    there="bills",
    path="/v1/bills",
    values=(Value("description", "Memo"), Value("due_date", "DueDate", day)),
    new=lambda number, find: {
        "vendor_id": find("vendor"), "reference_number": reference(number), "date": TODAY, "due_date": day(number),
        "description": f"edit {number}", "lines-0-gl_account_id": find("account"),
        "lines-0-property_id": find("property"), "lines-0-amount": "100.00", "lines-0-memo": f"Line of {number}",
    },
    new_there=lambda number, find: {
        "VendorId": find("vendor"), "ReferenceNumber": reference(number), "Date": TODAY, "DueDate": day(number),
        "Memo": f"edit {number}",
        "Lines": [
            {
                "AccountingEntity": {"Id": find("property"), "AccountingEntityType": "Rental"}, "Amount": 100.0,
                "GlAccountId": find("account"), "Memo": f"Line of {number}",
            }
        ],
    },
    marker=Value("reference_number", "ReferenceNumber", reference),
    samples="paid_date is null and paid_amount = 0 and reference_number is not null",
    wanted=2,
    parents=("vendor", "property"),
    ignored=frozenset({"PaidDate"}),
    derived=frozenset({"status", "paid_date", "paid_amount", "open_amount"}),
)  # fmt: skip


def pay(form: Body, find: Find) -> Body:
    """The vendor's open bills are rows of the page: a part of one of them."""
    rows = [name.split("-")[1] for name, value in form.items() if name.endswith("-bill_id") and value == find("bill")]
    if not rows:
        raise LookupError("the bill can't be paid")
    return {name: "" for name in form if name.endswith("-amount")} | {f"bills-{rows[0]}-amount": f"{PART}.00"}


PAYMENT = Kind(
    name="bill_payment",
    pages="/bill-payments",
    table="bill_payments",
    id_column="buildium_payment_id",
    there="bill_payments",
    path="/v1/bills/{}/payments",
    values=(Value("memo", "Memo"),),
    new=lambda number, find: {
        "bank_account_id": find("bank"), "date": TODAY, "reference_number": check(number), "memo": f"edit {number}",
    },
    new_there=lambda number, find: {
        "PaidBillIds": find("bill"), "BankAccountId": find("bank"), "EntryDate": TODAY, "CheckNumber": check(number),
        "Memo": f"edit {number}",
        "Lines": [{"BillLineId": find("bill") * LINES_OF_A_BILL + 1, "Amount": float(PART)}],
    },
    marker=Value("reference_number", "CheckNumber", check),
    wanted=0,
    parents=("bill",),
    room={"bill": 100 // PART},
    editable=False,
    opens=lambda find: f"/bill-payments/new?bill_id={find('bill')}",
    fill=pay,
    confirms="/bill-payments/confirmation",
)  # fmt: skip
