"""Everything the simulated Buildium serves. A new resource is one file in `resources/` and one line here.

A resource without a path isn't served: its records exist for the rules, the control API and the pages.
"""

from __future__ import annotations

from portal.sandbox.resource import Resource, Single
from portal.sandbox.resources.account import ACCOUNT, LOCK_PERIOD
from portal.sandbox.resources.bank_accounts import BANK_ACCOUNTS
from portal.sandbox.resources.bill_files import BILL_FILES
from portal.sandbox.resources.bill_payments import BILL_PAYMENTS
from portal.sandbox.resources.bills import BILLS
from portal.sandbox.resources.file_tickets import FILE_TICKETS
from portal.sandbox.resources.files import FILES
from portal.sandbox.resources.gl_accounts import GL_ACCOUNTS
from portal.sandbox.resources.lease_charges import LEASE_TRANSACTIONS
from portal.sandbox.resources.lease_moveouts import LEASE_MOVEOUTS
from portal.sandbox.resources.lease_notes import LEASE_NOTES
from portal.sandbox.resources.lease_people import COSIGNERS, EMAILS, LEASE_TENANTS
from portal.sandbox.resources.leases import LEASES
from portal.sandbox.resources.rental_owners import OWNERS
from portal.sandbox.resources.rental_units import UNITS
from portal.sandbox.resources.rentals import RENTALS
from portal.sandbox.resources.task_categories import TASK_CATEGORIES
from portal.sandbox.resources.task_files import TASK_FILES
from portal.sandbox.resources.task_history import TASK_HISTORY
from portal.sandbox.resources.task_requests import CONTACT_REQUESTS, OWNER_REQUESTS, RESIDENT_REQUESTS, TO_DOS
from portal.sandbox.resources.tasks import TASKS
from portal.sandbox.resources.tenants import TENANTS
from portal.sandbox.resources.users import USERS
from portal.sandbox.resources.vendor_categories import VENDOR_CATEGORIES
from portal.sandbox.resources.vendor_transactions import VENDOR_TRANSACTIONS
from portal.sandbox.resources.vendors import VENDORS
from portal.sandbox.resources.work_orders import WORK_ORDERS

SINGLES: tuple[Single, ...] = (ACCOUNT, LOCK_PERIOD)
RESOURCES: tuple[Resource, ...] = (
    USERS,
    BANK_ACCOUNTS,
    GL_ACCOUNTS,
    RENTALS,
    UNITS,
    OWNERS,
    LEASES,
    TENANTS,
    LEASE_TENANTS,
    LEASE_MOVEOUTS,
    LEASE_NOTES,
    COSIGNERS,
    LEASE_TRANSACTIONS,
    EMAILS,
    WORK_ORDERS,
    BILLS,
    BILL_PAYMENTS,
    VENDOR_CATEGORIES,
    VENDORS,
    TASK_CATEGORIES,
    TASKS,
    TASK_HISTORY,
    FILES,
    FILE_TICKETS,
)
# Further paths to records of kinds that stand above; events, indexes and deletion are declared there.
VIEWS: tuple[Resource, ...] = (
    TO_DOS,
    RESIDENT_REQUESTS,
    OWNER_REQUESTS,
    CONTACT_REQUESTS,
    TASK_FILES,
    BILL_FILES,
)
# Lists that are gathered from other records; nothing of them is kept.
REPORTS: tuple[Resource, ...] = (VENDOR_TRANSACTIONS,)
BY_KIND = {resource.kind: resource for resource in RESOURCES}
