"""The residents of the sample portfolio."""

from __future__ import annotations

from random import Random

from portal.sandbox.collection import Values
from portal.sandbox.sample import names
from portal.sandbox.sample.properties import address

_OPT_INS = (None, None, "NotSet", "RequestSent", "OptedIn", "OptedOut", "Converted")
_COMMENTS = (
    None,
    None,
    None,
    None,
    "Night shifts: please do not ring before noon.",
    "Allergic to cats; was asked about the dog in 2B.",
    "Préfère le courriel — ne téléphonez pas.",
)
_RELATIONS = ("Mother", "Brother", "Partner", "Friend", "Employer")


def tenant_values(random: Random, number: int, home: Values, *, lives_there: bool) -> Values:
    """The stored values of a resident of that unit; who has moved out gets mail elsewhere."""
    first, last = _name(random, number)
    has_other_address = random.random() < 0.12
    return {
        "FirstName": first,
        "LastName": last,
        "Email": f"resident{number}@example.com" if random.random() < 0.93 else None,
        "AlternateEmail": f"resident{number}@example.org" if random.random() < 0.1 else None,
        "PhoneNumbers": _phones(random),
        "DateOfBirth": f"{random.randint(1941, 2004)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}",
        "Comment": random.choice(_COMMENTS),
        "TaxId": _tax_id(random),
        "EmergencyContact": _contact(random) if random.random() < 0.5 else None,
        "Address": home["Address"] if lives_there else address(random, random.choice(names.PLACES)),
        "AlternateAddress": address(random, names.PLACES[0]) if has_other_address else None,
        "MailingPreference": "AlternateAddress" if has_other_address and random.random() < 0.5 else "PrimaryAddress",
        "SMSOptInStatus": random.choice(_OPT_INS),
    }


def _name(random: Random, number: int) -> tuple[str, str]:
    if number % 23 == 0:
        return names.ODD_PEOPLE[number // 23 % len(names.ODD_PEOPLE)]
    return random.choice(names.FIRST_NAMES), random.choice(names.LAST_NAMES)


def _phones(random: Random) -> list[Values]:
    kinds = random.choice(
        (("Cell",), ("Cell",), ("Cell", "Office"), ("Home",), ("Home", "Cell", "Fax"), ("Other",), ())
    )
    return [{"Number": f"(207) 555-{random.randint(0, 9999):04d}", "Type": kind} for kind in kinds]


def _tax_id(random: Random) -> str | None:
    digits = f"9{random.randint(0, 99_999_999):08d}"
    return random.choice((None, None, digits, f"{digits[:2]}-{digits[2:]}", f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"))


def _contact(random: Random) -> Values:
    return {
        "Name": f"{random.choice(names.FIRST_NAMES)} {random.choice(names.LAST_NAMES)}",
        "RelationshipDescription": random.choice(_RELATIONS),
        "Phone": f"(207) 555-{random.randint(0, 9999):04d}",
        "Email": None,
    }
