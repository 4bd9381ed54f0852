"""The pages of vendor categories."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import undefer

from portal.entities.vendor_categories.form import VendorCategoryForm
from portal.entities.vendor_categories.mapping import VENDOR_CATEGORY
from portal.entities.vendor_categories.model import VendorCategory
from portal.entity import Entity, marks, wanted
from portal.web.filters import Choice
from portal.web.screen import Activity, Column, Related, Screen, Section, Sort, by_name
from portal.web.values import Counted
from portal.words import ACTIVE, ACTIVITY

KINDS = {"own": "Buildium’s own", "ours": "Made by people"}

NAME = Column("name", "Name", "name", sort=by_name(VendorCategory.name))
VENDORS = Column(
    "vendor_count",
    "Vendors",
    "count",
    value=lambda it: Counted(it.vendor_count, "vendors", {"category_id": it.id}),
)
KIND = Column("is_system", "Kind", words={True: KINDS["own"], False: KINDS["ours"]})
DESCRIPTION = Column("description", "Description", wide=True)
STATUS = Column("is_active", "Status", "active", words=ACTIVE, sort=Sort(VendorCategory.is_active))
BUILDIUM = Column("buildium_category_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", shown=False)


def set_active(is_active: bool, record: VendorCategory) -> None:
    record.is_active = is_active


def off_words(_: VendorCategory) -> Sequence[str]:
    return (
        "The category can’t be chosen for vendors any more.",
        "Vendors that have it keep it.",
        "Nothing changes in Buildium, where categories can’t be switched off.",
    )


def on_words(_: VendorCategory) -> Sequence[str]:
    return ("The category can be chosen for vendors again.",)


VENDOR_CATEGORIES = Entity(
    screen=Screen(
        singular="vendor_category",
        plural="vendor_categories",
        model=VendorCategory,
        form=VendorCategoryForm,
        icon="stack",
        columns=(NAME, VENDORS, KIND, DESCRIPTION, STATUS, BUILDIUM, CHANGED),
        order="name",
        empty="Categories are the trades of your vendors, such as plumbing. Buildium takes no vendor without one.",
        search=VendorCategory.search_text,
        filters=(
            Choice("status", "Status", ACTIVITY, lambda value: VendorCategory.is_active == (value == "active")),
            Choice("kind", "Kind", KINDS, lambda value: VendorCategory.is_system == (value == "own")),
        ),
        loads=(undefer(VendorCategory.vendor_count),),
        sections=(
            Section("Category", (KIND, VENDORS, DESCRIPTION)),
            Section("Record", (BUILDIUM, Column("created_at", "Created", "moment"), CHANGED)),
        ),
        related=(
            Related(
                "Vendors",
                VendorCategory.vendors,
                "vendors",
                "category_id",
                ("name", "phone_number", "email", "insurance"),
                "No vendor is filed here yet.",
                "Add vendor",
            ),
        ),
        unique={"vendor_categories_name_key": ("name", "There is a category with this name already.")},
        activity=Activity(lambda it: set_active(False, it), lambda it: set_active(True, it), off_words, on_words),
        marks=marks(VENDOR_CATEGORY),
        wanted=wanted(VENDOR_CATEGORY),
        buildium_id="buildium_category_id",
    ),
    resource=VENDOR_CATEGORY,
)
