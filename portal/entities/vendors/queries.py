"""What the pages of vendors ask the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.web.screen import by_name
from portal.web.search import found

MOST_ALIKE = 5


def alike(name: str | None, email: str | None) -> Sequence[Vendor]:
    """The first few vendors with this name or this e-mail, letter case aside."""
    conditions: list[ColumnElement[bool]] = []
    if name:
        conditions.append(by_name(Vendor.name).by == func.lower(name))
    if email:
        # The index of the search finds it; the comparison after it is exact.
        conditions.append(found(Vendor.search_text, email) & (func.lower(Vendor.email) == func.lower(email)))
    if not conditions:
        return ()
    return db.session.scalars(select(Vendor).where(or_(*conditions)).order_by(Vendor.name).limit(MOST_ALIKE)).all()


@dataclass(frozen=True)
class InCategory:
    """The filter that asks for one of the categories there are."""

    name: str = "category_id"
    label: str = "Category"
    field: str = "choice"
    rare: bool = False

    @property
    def choices(self) -> Mapping[str, str]:
        categories = db.session.scalars(select(VendorCategory).order_by(by_name(VendorCategory.name).by))
        return {str(each.id): str(each) for each in categories}

    def read(self, raw: str) -> UUID:
        return UUID(raw)

    def words(self, value: UUID) -> str:
        category = db.session.get(VendorCategory, value)
        return str(category) if category else "one that does not exist"

    def where(self, value: UUID) -> ColumnElement[bool]:
        return Vendor.category_id == value
