"""Vendors: who does the work and sends the bills."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.database import Base, Record, str20, str50, str100, str255
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.numbers import CompanyName, Number, OtherNumbers
from portal.listing import name_order, search_index, words
from portal.vault import Sealed

if TYPE_CHECKING:
    from portal.entities.bill_payments.model import BillPayment
    from portal.entities.bills.model import Bill
    from portal.entities.work_orders.model import WorkOrder


class Vendor(Record, Base):
    __tablename__ = "vendors"

    buildium_vendor_id: Mapped[int | None]
    # The company's name; of a person "First Last".
    name: Mapped[str255] = mapped_column(default="")
    # RESTRICT: Buildium takes no vendor without a category.
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor_categories.id", ondelete="RESTRICT"))
    contact_name: Mapped[str255 | None]
    email: Mapped[str255 | None]
    phone_number: Mapped[str50 | None]
    address_line1: Mapped[str255 | None]
    address_line2: Mapped[str255 | None]
    address_line3: Mapped[str100 | None]
    city: Mapped[str100 | None]
    state: Mapped[str100 | None]
    postal_code: Mapped[str20 | None]
    country: Mapped[str100 | None]
    sealed_tax_id: Mapped[str255 | None] = mapped_column("tax_id")
    notes: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(server_default=true())
    is_company: Mapped[bool] = mapped_column(server_default=true(), default=True)
    first_name: Mapped[str | None] = mapped_column(String(127))
    last_name: Mapped[str | None] = mapped_column(String(127))
    tax_payer_type: Mapped[str | None] = mapped_column(String(10))
    include_in_1099: Mapped[bool | None]
    # SET NULL: only the default for new bills.
    expense_gl_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("gl_accounts.id", ondelete="SET NULL"))
    # Columns instead of MAPPING's `remote_extra`: people ask for these by name, and a PUT must resend them.
    sealed_account_number: Mapped[str255 | None] = mapped_column("account_number")
    alternate_email: Mapped[str255 | None]
    website: Mapped[str100 | None]
    insurance_provider: Mapped[str | None] = mapped_column(String(65))
    insurance_policy_number: Mapped[str | None] = mapped_column(String(65))
    insurance_expiration_date: Mapped[date | None]
    # Buildium's type of `phone_number`, so that it is sent back to where it came from; NULL is Office.
    phone_type: Mapped[str | None] = mapped_column(String(10))
    # Every other number that Buildium has: [{"Number": …, "Type": …}].
    extra_phones: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    # A person agreed that an update erases in Buildium the numbers that the API can't carry.
    losses_accepted: Mapped[bool] = mapped_column(server_default=false(), default=False)
    search_text: Mapped[str] = words(
        *("name", "contact_name", "first_name", "last_name", "email", "alternate_email", "phone_number"),
        *("address_line1", "city", "postal_code", "buildium_vendor_id"),
        digits=("phone_number",),
    )

    tax_id = Sealed("sealed_tax_id")
    account_number = Sealed("sealed_account_number")
    company_name = CompanyName()
    phone_work = Number("Office")
    phone_mobile = Number("Cell")
    phone_home = Number("Home")
    phone_fax = Number("Fax")
    other_phones = OtherNumbers()

    category: Mapped[VendorCategory | None] = relationship()
    expense_gl_account: Mapped[GlAccount | None] = relationship()
    bills: Mapped[list[Bill]] = relationship(viewonly=True)
    bill_payments: Mapped[list[BillPayment]] = relationship(secondary="bills", viewonly=True)
    work_orders: Mapped[list[WorkOrder]] = relationship(viewonly=True)

    __table_args__ = (
        CheckConstraint("tax_payer_type in ('SSN', 'EIN')", name="tax_payer_type"),
        CheckConstraint("phone_type in ('Office', 'Cell', 'Home')", name="phone_type"),
        name_order("idx_vendors_name", "name"),
        Index("idx_vendors_category", "category_id"),
        Index("idx_vendors_active", "is_active", "id"),
        Index("vendors_buildium_vendor_id_key", "buildium_vendor_id", unique=True),
        Index("vendors_expense_gl_account_id_idx", "expense_gl_account_id"),
        Index("vendors_insurance_expiration_date_idx", "insurance_expiration_date", "id"),
        Index("vendors_updated_at_idx", "updated_at", "id"),
        search_index("vendors"),
    )

    @validates("is_company", "first_name", "last_name")
    def follow(self, key: str, value: Any) -> Any:
        """The name of a person follows from the two."""
        now = {"is_company": self.is_company, "first_name": self.first_name, "last_name": self.last_name, key: value}
        if now["is_company"] is False:
            self.name = person(now["first_name"], now["last_name"])
        return value

    def __str__(self) -> str:
        return self.name or "Vendor without a name"


def person(first_name: str | None, last_name: str | None) -> str:
    return f"{first_name or ''} {last_name or ''}".strip()
