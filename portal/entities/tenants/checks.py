"""What Buildium would refuse about a tenant, or lose (MAPPING §4.5)."""

from __future__ import annotations

import re

from portal.entities.checks import other_phones, region_problems
from portal.entities.tenants.model import Tenant
from portal.sync.resource import Body, Problem

TAX_ID = re.compile(r"\d{2}-\d{7}|\d{3}-\d{2}-\d{4}|\d{9}", re.ASCII)
NEEDED = {"address_line1": "address line 1", "postal_code": "a postal code", "country": "a country"}


def check(record: Tenant, snapshot: Body) -> list[Problem]:
    """What has to be settled before the tenant can be sent."""
    return [
        *lease_problems(record),
        *tax_problems(record),
        *address_problems(record),
        *region_problems(record),
        *losses(record, snapshot),
    ]


def lease_problems(record: Tenant) -> list[Problem]:
    """No tenant is without a lease, and one that is new waits for it: it may travel inside it."""
    if record.buildium_tenant_id is not None:
        return []
    lease = record.lease
    if lease is None:
        return [Problem("tenancies", "Buildium knows no tenant without a lease. Put this one on a lease.")]
    if lease.buildium_lease_id is None:
        words = f"Waiting for lease “{lease}” to arrive in Buildium first."
        return [Problem("tenancies", words, ("lease", str(lease.id)))]
    return []


def tax_problems(record: Tenant) -> list[Problem]:
    written = record.tax_id
    if not written or TAX_ID.fullmatch(written):
        return []
    return [Problem("tax_id", "Write the tax id as 123-45-6789, 12-3456789 or nine digits.")]


def address_problems(record: Tenant) -> list[Problem]:
    """The second address is whole or not there, and mail goes to one that is."""
    has_second = bool(record.alternate_address)
    if not has_second and record.mailing_preference == "AlternateAddress":
        return [Problem("mailing_preference", "Mail can’t go to the second address: there is none.")]
    missing = [name for name in NEEDED if not getattr(record, f"alternate_{name}")]
    if not has_second or not missing:
        return region_problems(record, "alternate_") if has_second else []
    return [Problem(f"alternate_{name}", f"The second address needs {NEEDED[name]}.") for name in missing]


def losses(record: Tenant, snapshot: Body) -> list[Problem]:
    """Numbers that Buildium keeps and no update can carry: a PUT would erase them, so a person has to agree first."""
    if record.buildium_tenant_id is None or record.losses_accepted:
        return []
    found = [f"the phone number {each['Number']} ({each.get('Type')})" for each in other_phones(snapshot) or ()]
    if not found:
        return []
    words = "An update from here would erase in Buildium " + " and ".join(found) + "."
    return [Problem("losses_accepted", f"{words} Enter it here, or tick that it may be erased.")]
