"""The records that one person has changed and that wait for somebody."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, false, select

from portal.acting import actor
from portal.audit import AuditEntry
from portal.sync.current import current_sync
from portal.sync.models import SyncStatus
from portal.sync.states import NEEDS_A_PERSON

NEEDY = SyncStatus.sync_status.in_(sorted(state.value for state in NEEDS_A_PERSON))


def is_mine() -> ColumnElement[bool]:
    """The outbox rows that need a person, of records that the person of this request has changed."""
    who = actor()
    if who is None or who.user_id is None:
        return false()
    tables = {each.name: each.model.__tablename__ for each in current_sync().resources.by_name.values()}
    changed = select(AuditEntry.id).where(
        AuditEntry.actor_id == who.user_id,
        AuditEntry.row_id == SyncStatus.entity_id,
        AuditEntry.table_name == case(tables, value=SyncStatus.entity_type),
    )
    return and_(NEEDY, changed.exists())
