"""The pages of ownerships: mostly reached from the two ends."""

from __future__ import annotations

from sqlalchemy.orm import joinedload

from portal.entities.ownerships.form import OwnershipForm
from portal.entities.ownerships.model import Ownership
from portal.entities.ownerships.views import home, removal
from portal.entity import Entity
from portal.web.access import Permission
from portal.web.filters import Of
from portal.web.record_sync import MARKS
from portal.web.screen import Column, Route, Screen, Section, Sort

OWNERSHIP = Column("ownership_percentage", "Ownership", "percent", sort=Sort(Ownership.ownership_percentage, True))
DISBURSEMENT = Column(
    "disbursement_percentage", "Disbursement", "percent", sort=Sort(Ownership.disbursement_percentage, True)
)
PRIMARY = Column("primary", "Primary", "flag")

OWNERSHIPS = Entity(
    screen=Screen(
        singular="ownership",
        plural="ownerships",
        model=Ownership,
        form=OwnershipForm,
        icon="link-45deg",
        columns=(
            Column("owner", "Owner", "record", to="owners"),
            Column("property", "Property", "record", to="properties"),
            OWNERSHIP,
            DISBURSEMENT,
            PRIMARY,
            Column("updated_at", "Changed", "moment", sort=Sort(Ownership.updated_at), shown=False),
        ),
        order="-ownership_percentage",
        empty="Who owns which property is entered on the page of the property or of the owner.",
        filters=(
            Of("property_id", "Property", "properties", lambda value: Ownership.property_id == value),
            Of("owner_id", "Owner", "owners", lambda value: Ownership.owner_id == value),
        ),
        loads=(joinedload(Ownership.owner), joinedload(Ownership.property)),
        sections=(
            Section(
                "Shares",
                (
                    Column("owner", "Owner", "record", to="owners"),
                    Column("property", "Property", "record", to="properties"),
                    OWNERSHIP,
                    DISBURSEMENT,
                    PRIMARY,
                ),
            ),
        ),
        unique={"ownership_owner_id_property_id_key": ("owner_id", "This owner has a share of this property already.")},
        routes=(Route("/<uuid:record_id>/removal", "removal", removal, Permission.EDIT_RECORDS, ("GET", "POST")),),
        home=home,
        marks={
            "owner": MARKS["both"],
            "property": MARKS["both"],
            "owner_id": MARKS["both"],
            "property_id": MARKS["both"],
            "ownership_percentage": MARKS["here"],
            "disbursement_percentage": MARKS["here"],
            "primary": MARKS["here"],
        },
    ),
    resource=None,
)
