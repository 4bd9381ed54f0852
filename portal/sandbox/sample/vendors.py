"""The vendors of the sample portfolio: companies of every trade, a few of them one person."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from portal.sandbox.collection import Values
from portal.sandbox.resources.vendor_categories import vendor_category_values
from portal.sandbox.resources.vendors import vendor_values
from portal.sandbox.sample import names
from portal.sandbox.sample.draft import Draft
from portal.sandbox.sample.owners import tax_values
from portal.sandbox.sample.properties import address
from portal.sandbox.sample.trades import NO_VENDOR_CATEGORIES, TRADES, Trade

Vendors = dict[str, list[int]]


def add_vendors(draft: Draft, random: Random, size: int, accounts: dict[str, int]) -> Vendors:
    """Draft the categories, and one vendor of each trade or up to forty in all; returns the ids by trade."""
    for name in NO_VENDOR_CATEGORIES:
        draft.add("vendor_categories", vendor_category_values(name, is_system=name == "Uncategorized"))
    categories = {
        key: draft.add("vendor_categories", vendor_category_values(trade.category)) for key, trade in TRADES.items()
    }
    ids: Vendors = {key: [] for key in TRADES}
    count = max(len(TRADES), min(40, size // 10))
    keys = list(TRADES)
    for number in range(count):
        key = keys[number % len(keys)]
        values = _vendor(draft, random, number, TRADES[key])
        values |= {"CategoryId": categories[key], "ExpenseGLAccountId": accounts[TRADES[key].account]}
        ids[key].append(draft.add("vendors", vendor_values(**values)))
    return ids


def _vendor(draft: Draft, random: Random, number: int, trade: Trade) -> Values:
    # Who sends bills for water or insurance is never one person.
    is_company = not trade.hourly or random.random() < 0.8
    company = f"{random.choice(names.COMPANY_WORDS)} {random.choice(trade.words)}" if is_company else None
    if number == 4:
        company, is_company = "L'Électricien d'Été & Fils – “Ombre” <Vitrerie>", True
    first, last = (None, None) if is_company else (random.choice(names.FIRST_NAMES), random.choice(names.LAST_NAMES))
    return {
        "IsCompany": is_company,
        "CompanyName": company,
        "FirstName": first,
        "LastName": last,
        # The first vendor of each trade is the one that is always there.
        "IsActive": number < len(TRADES) or random.random() < 0.93,
        "PrimaryEmail": f"office{number}@vendor.example" if random.random() < 0.9 else None,
        "AlternateEmail": f"billing{number}@vendor.example" if random.random() < 0.3 else None,
        "PhoneNumbers": [{"Number": f"(207) 555-{random.randint(0, 9999):04d}", "Type": "Office"}],
        "Website": f"https://vendor{number}.example" if random.random() < 0.6 else None,
        "Address": address(random, random.choice(names.PLACES[:5])) if random.random() < 0.9 else None,
        "VendorInsurance": _insurance(draft, random) if trade.hourly else None,
        "Comments": random.choice((None, None, "Comes on Saturdays.", "Ask for the 10 % we agreed on in spring.")),
        "AccountNumber": f"HV-{random.randint(100, 9999)}" if random.random() < 0.4 else None,
        "TaxInformation": tax_values(random, company or f"{first} {last}", is_company=is_company),
    }


def _insurance(draft: Draft, random: Random) -> Values | None:
    """Some have none, some have let it run out, and for some it runs out soon."""
    if random.random() < 0.15:
        return None
    expires = draft.today + timedelta(days=random.choice((-40, 12, 45, 80, 150, 260, 330)))
    return {
        "Provider": random.choice(("Casco Mutual", "Granite State Underwriters", "Penobscot Indemnity")),
        "PolicyNumber": f"GL-{random.randint(10_000, 99_999)}",
        "ExpirationDate": expires.isoformat(),
    }
