"""What the pages of records ask about the sync (portal/web/record_sync.py), answered from the outbox and the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portal.operations import freshness
from portal.operations.alerts import attention
from portal.operations.records import timeline
from portal.web.record_sync import Attention, Entry, Freshness


class OutboxAndLog:
    """The RecordSync of the portal."""

    def freshness(self, entity_type: str, ids: Sequence[str]) -> Mapping[str, Freshness]:
        return freshness.freshness(entity_type, ids)

    def timeline(self, entity_type: str, table: str, record_id: str, limit: int) -> Sequence[Entry]:
        return timeline.timeline(entity_type, table, record_id, limit)

    def attention(self) -> Sequence[Attention]:
        return attention.attention_and_pauses()
