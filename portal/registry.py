"""Every kind of record the portal knows, parents before children: a child is sent only when its parent has arrived."""

from __future__ import annotations

from portal.entities.bank_accounts.entity import BANK_ACCOUNTS
from portal.entities.bill_categories.entity import BILL_CATEGORIES
from portal.entities.bill_payments.entity import BILL_PAYMENTS
from portal.entities.bills import recurring
from portal.entities.bills.entity import BILLS
from portal.entities.bills.file_mapping import BILL_FILE
from portal.entities.gl_accounts.entity import GL_ACCOUNTS
from portal.entities.leases.entity import LEASES
from portal.entities.owners.entity import OWNERS
from portal.entities.ownerships.entity import OWNERSHIPS
from portal.entities.properties.entity import PROPERTIES
from portal.entities.staff_users.mapping import STAFF_USER
from portal.entities.task_categories.entity import TASK_CATEGORIES
from portal.entities.tasks import entity as tasks
from portal.entities.tasks import jobs as task_files
from portal.entities.tasks.history_mapping import TASK_HISTORY
from portal.entities.tenants.entity import TENANTS
from portal.entities.units.entity import UNITS
from portal.entities.vendor_categories.entity import VENDOR_CATEGORIES
from portal.entities.vendors.entity import VENDORS
from portal.entities.work_orders.entity import WORK_ORDERS
from portal.entity import Entity
from portal.sync.resource import Resources
from portal.sync.schedule import Task

ENTITIES: tuple[Entity, ...] = (
    Entity(None, STAFF_USER),
    GL_ACCOUNTS,
    BANK_ACCOUNTS,
    BILL_CATEGORIES,
    PROPERTIES,
    UNITS,
    OWNERS,
    OWNERSHIPS,
    TENANTS,
    LEASES,
    VENDOR_CATEGORIES,
    VENDORS,
    TASK_CATEGORIES,
    tasks.TASKS,
    Entity(None, TASK_HISTORY),
    WORK_ORDERS,
    BILLS,
    Entity(None, BILL_FILE),
    BILL_PAYMENTS,
)

RESOURCES = Resources(tuple(entity.resource for entity in ENTITIES if entity.resource))

# What the clock does for some of them, besides the sync's own tasks.
TASKS: tuple[Task, ...] = (*recurring.tasks(), *task_files.tasks())
