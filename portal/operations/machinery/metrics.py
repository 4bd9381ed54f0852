"""The sync for Prometheus, measured when it asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from portal.acting import Actor, Door, acting_as
from portal.database import now
from portal.extensions import db
from portal.operations.counts import RETRYING, events_by_state, records_by_state
from portal.operations.machinery.lamps import signs
from portal.operations.machinery.workers import workforce
from portal.sync.breaker import OPEN
from portal.sync.states import State
from portal.webhooks.models import EventState


class SyncCollector(Collector):
    """Says nothing about the database while that doesn't answer: a gap in the graph, no failing scrape."""

    def collect(self) -> Iterable[Metric]:
        with acting_as(Actor.machine(Door.COMMAND)):
            db.session.rollback()
            try:
                yield from of_database()
            except SQLAlchemyError:
                pass
            finally:
                db.session.rollback()
        yield from of_redis()


def of_database() -> list[Metric]:
    records, events, found = records_by_state(), events_by_state(), signs()
    overdue = (now() - found.oldest_due).total_seconds() if found.oldest_due else 0
    is_open = found.connection is not None and found.connection.state == OPEN
    return [
        by_state("portal_sync_records", "Records by how they stand against Buildium", records, [*State, RETRYING]),
        by_state("portal_webhook_events", "Webhook events by state", events, list(EventState)),
        GaugeMetricFamily("portal_sync_overdue_seconds", "For how long the oldest unsent change is due", overdue),
        GaugeMetricFamily("portal_buildium_paused", "1 while the connection to Buildium is paused", int(is_open)),
    ]


def of_redis() -> list[Metric]:
    found = workforce()
    if found is None:
        return []
    waiting = GaugeMetricFamily("portal_queue_jobs", "Jobs that wait", labels=["lane"])
    workers = GaugeMetricFamily("portal_workers", "Workers that live", labels=["lane"])
    for lane in found.lanes:
        waiting.add_metric([lane.name], lane.waiting)
        workers.add_metric([lane.name], lane.healthy)
    return [waiting, workers]


def by_state(name: str, words: str, counts: Mapping[str, int], states: Iterable[str]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=["state"])
    for state in states:
        family.add_metric([str(state)], counts.get(state, 0))
    return family
