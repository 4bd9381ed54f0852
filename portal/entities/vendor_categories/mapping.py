"""Vendor category ↔ Vendor category (MAPPING §4.9)."""

from __future__ import annotations

from portal.entities.category import by_the_same_name, every_category, rename_problems
from portal.entities.vendor_categories.model import VendorCategory
from portal.sync.likeness import BY_NAME
from portal.sync.resource import Direction, Field, Resource, Search

VENDOR_CATEGORY = Resource(
    name="vendor_category",
    model=VendorCategory,
    path="/v1/vendors/categories",
    id_column="buildium_category_id",
    matched=True,
    reference=True,
    fields=(
        Field("name", "Name", required=True),
        Field("is_system", "IsSystemCategory", Direction.PULL),
    ),
    permission="Maintenance > Vendors",
    events={"VendorCategory": "VendorCategoryId"},
    likeness=BY_NAME,
    search=Search(every_category, by_the_same_name),
    check=rename_problems,
    here=("description", "is_active"),
)
