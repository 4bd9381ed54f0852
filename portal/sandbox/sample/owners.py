"""The owners of the sample portfolio: about four in five are companies, as in real accounts."""

from __future__ import annotations

from random import Random

from portal.sandbox.collection import Values
from portal.sandbox.sample import names
from portal.sandbox.sample.properties import address

_PHONE_TYPES = ("Office", "Cell", "Home", "Fax", "Other", "Personal")
_COMPANY_SHARE = 0.82


def owner_values(random: Random, number: int, property_ids: list[int]) -> Values:
    """The stored values of the owner of these properties, all but the active flag."""
    is_company = random.random() < _COMPANY_SHARE
    company = _company(random, number) if is_company else None
    first, last = (None, None) if is_company else _person(random, number)
    start_year = random.randint(2019, 2025)
    return {
        "FirstName": first,
        "LastName": last,
        "IsCompany": is_company,
        "CompanyName": company,
        "DateOfBirth": None if is_company else f"{random.randint(1938, 1999)}-0{random.randint(1, 9)}-1{number % 10}",
        "ManagementAgreementStartDate": f"{start_year}-04-01" if random.random() < 0.8 else None,
        "ManagementAgreementEndDate": f"{start_year + 8}-03-31" if random.random() < 0.6 else None,
        # One address in 25 is shared by two owners: e-mail is no key.
        "Email": f"owner{number - (number % 25 == 24)}@example.com" if random.random() < 0.93 else None,
        "AlternateEmail": f"office+{number}@example.org" if random.random() < 0.2 else None,
        "PhoneNumbers": _phones(random),
        "Address": address(random, random.choice(names.PLACES)),
        "Comment": random.choice(
            (None, None, None, "Prefers letters.\nNever call before 10.", "☎ only — “urgent” means today")
        ),
        "PropertyIds": property_ids,
        "TaxInformation": tax_values(random, company or f"{first} {last}", is_company=is_company),
    }


def tax_values(random: Random, name: str, *, is_company: bool) -> Values | None:
    """The stored tax information of an owner or vendor; three in ten have given none."""
    if random.random() < 0.3:
        return None
    digits = f"9{random.randint(0, 99_999_999):08d}"
    return {
        "TaxPayerIdType": "EIN" if is_company else "SSN",
        "TaxPayerId": f"{digits[:2]}-{digits[2:]}" if is_company else f"{digits[:3]}-{digits[3:5]}-{digits[5:]}",
        "TaxPayerName1": name[:40],
        "TaxPayerName2": None,
        "IncludeIn1099": random.random() < 0.9,
        "Address": address(random, names.PLACES[0]) if random.random() < 0.5 else None,
    }


def _company(random: Random, number: int) -> str:
    if number % 9 == 4 and number // 9 < len(names.ODD_COMPANIES):
        return names.ODD_COMPANIES[number // 9]
    first, second = random.sample(names.COMPANY_WORDS, 2)
    return f"{first} {second} {random.choice(names.COMPANY_FORMS)}"


def _person(random: Random, number: int) -> tuple[str, str]:
    if number % 3 == 0:
        return random.choice(names.ODD_PEOPLE)
    return random.choice(names.FIRST_NAMES), random.choice(names.LAST_NAMES)


def _phones(random: Random) -> list[Values]:
    kinds = random.sample(_PHONE_TYPES, random.choice((0, 1, 1, 2, 3)))
    return [{"Number": f"(207) 555-{random.randint(0, 9999):04d}", "Type": kind} for kind in kinds]
