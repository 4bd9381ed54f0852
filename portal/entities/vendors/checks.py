"""What Buildium would refuse of a vendor, and what an update would erase there (MAPPING §3, §4.8)."""

from __future__ import annotations

from typing import Any

from portal.entities.checks import region_problems
from portal.entities.vendors.model import Vendor
from portal.entities.vendors.numbers import CARRIED
from portal.sync.resource import Body, Problem, at
from portal.words import TAX_PAYER_IDS

NEEDED = {"address_line1": "address line 1", "postal_code": "a postal code", "country": "a country"}
SCHEMES = ("http://", "https://")


def check(record: Vendor, snapshot: Body) -> list[Problem]:
    return [
        *name_problems(record),
        *address_problems(record),
        *region_problems(record),
        *tax_problems(record),
        *website_problems(record, snapshot),
        *losses(record, snapshot),
    ]


def name_problems(record: Vendor) -> list[Problem]:
    if record.is_company:
        return [] if record.name else [Problem("name", "A company needs its name.")]
    missing = [name for name in ("first_name", "last_name") if not getattr(record, name)]
    return [Problem(name, f"A person needs a {name.replace('_', ' ')}.") for name in missing]


def address_problems(record: Vendor) -> list[Problem]:
    """None at all is fine; a part of one isn't."""
    parts = ("address_line1", "address_line2", "address_line3", "city", "state", "postal_code", "country")
    if not any(getattr(record, name) for name in parts):
        return []
    missing = [name for name in NEEDED if not getattr(record, name)]
    return [Problem(name, f"The address lacks {NEEDED[name]}; Buildium requires it.") for name in missing]


def tax_problems(record: Vendor) -> list[Problem]:
    """Id and kind come together, and the kind says how the id is written."""
    if not record.tax_id:
        if not record.tax_payer_type:
            return []
        return [
            Problem("tax_id", "The tax payer id is missing, but its kind is given; Buildium wants both or neither.")
        ]
    pattern = TAX_PAYER_IDS.get(record.tax_payer_type or "")
    if pattern is None:
        return [Problem("tax_payer_type", "Say whether the tax payer id is an SSN or an EIN.")]
    if not pattern.fullmatch(record.tax_id):
        example = "123-45-6789" if record.tax_payer_type == "SSN" else "12-3456789"
        return [Problem("tax_id", f"The tax payer id must look like {example}.")]
    return []


def website_problems(record: Vendor, snapshot: Body) -> list[Problem]:
    """What Buildium has taken already is none of our business."""
    if not record.website or record.website.startswith(SCHEMES) or record.website == snapshot.get("Website"):
        return []
    return [Problem("website", "The website must begin with https:// or http://.")]


def losses(record: Vendor, snapshot: Body) -> list[Problem]:
    """Numbers that Buildium keeps and no update can carry: a PUT would erase them, so a person has to agree first."""
    if record.buildium_vendor_id is None or record.losses_accepted:
        return []
    found = [f"the phone number {each['Number']} ({each.get('Type')})" for each in lost_numbers(snapshot)]
    if not found:
        return []
    words = "An update from here would erase in Buildium " + " and ".join(found) + "."
    return [Problem("losses_accepted", f"{words} Note it down, and tick that it may be erased.")]


def lost_numbers(snapshot: Body) -> list[dict[str, Any]]:
    """Those of a type that no request has a place for, and second ones of the same type."""
    seen: set[str] = set()
    lost = []
    for each in at(snapshot, "PhoneNumbers") or []:
        if not isinstance(each, dict) or not each.get("Number"):
            continue
        kind = str(each.get("Type"))
        if kind not in CARRIED or kind in seen:
            lost.append(each)
        seen.add(kind)
    return lost
