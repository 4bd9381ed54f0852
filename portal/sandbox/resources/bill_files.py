"""The files of a bill (MAPPING top section, §4.10, §7)."""

from __future__ import annotations

from portal.sandbox.resource import Area
from portal.sandbox.resources.files import attached_files

BILL_FILES = attached_files("/v1/bills/{BillId}/files", Area("Accounting > Bills"), {"BillId": "bills"})
