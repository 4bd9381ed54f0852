"""The form of a vendor category."""

from __future__ import annotations

from portal.entities.category_form import CategoryForm
from portal.entities.vendor_categories.model import VendorCategory


class VendorCategoryForm(CategoryForm):
    model = VendorCategory
