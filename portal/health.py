"""For machines: /healthz (alive), /readyz (may it get requests), /metrics (what it has been doing)."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address

import redis
from flask import Blueprint, Flask, Response, abort, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from portal.config import Settings
from portal.extensions import db
from portal.schema import head, unknown
from portal.web.access import public

health = Blueprint("health", __name__)

REDIS_SECONDS = 1
newest = lru_cache(maxsize=1)(head)  # reading the migrations takes longer than asking the database
METRICS = CollectorRegistry()
REQUESTS = Counter("portal_requests", "Answered requests", ("endpoint", "status"), registry=METRICS)
SECONDS = Histogram("portal_request_seconds", "Time until the answer", ("endpoint",), registry=METRICS)
# Gauges that are measured when somebody asks, such as the length of the outbox. app.py fills it.
COLLECTORS: list[Callable[[], Collector]] = []


def start(app: Flask, settings: Settings) -> None:
    app.extensions["redis_health"] = redis.Redis.from_url(
        settings.redis_url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS
    )
    app.register_blueprint(health)
    app.after_request(count)


@health.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Alive: the process answers. Touches nothing, so that a database outage restarts no web process."""
    return jsonify(status="alive")


@health.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Ready: pages can be shown and saved. Redis being away only delays the sync, so it makes nobody wait outside."""
    tables = state_of_tables()
    parts = {"database": "up" if tables else "down", "migrations": tables or "unknown", "redis": redis_state()}
    # A newer schema keeps serving this code: processes of two versions run side by side during a release.
    ready = tables in {"current", "ahead"}
    status = "not ready" if not ready else "ready" if parts["redis"] == "up" else "degraded"
    return jsonify(status=status, **parts), HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE


@health.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """For Prometheus: straight from this machine, or with the token of PORTAL_METRICS_TOKEN as a bearer."""
    if not (has_token() or is_from_here()):
        abort(HTTPStatus.FORBIDDEN, "Metrics are given on this machine, or with the token of PORTAL_METRICS_TOKEN.")
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # several web processes: add up what each of them wrote down
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(METRICS)
    for collector in COLLECTORS:
        registry.register(collector())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def state_of_tables() -> str:
    """Whether its tables are “current”, “behind” this code or “ahead” of it; "" where it doesn't answer."""
    try:
        version = db.session.scalar(text("select version_num from alembic_version"))
    except ProgrammingError:  # there isn't even the table
        return "behind"
    except SQLAlchemyError:
        return ""
    finally:
        db.session.rollback()
    if version == newest():
        return "current"
    return "ahead" if unknown(version) else "behind"


def redis_state() -> str:
    connection: redis.Redis = current_app.extensions["redis_health"]
    try:
        connection.ping()
    except redis.RedisError:
        return "down"
    return "up"


def has_token() -> bool:
    settings: Settings = current_app.extensions["settings"]
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.metrics_token}"
    return bool(settings.metrics_token) and hmac.compare_digest(given.encode(), expected.encode())


def is_from_here() -> bool:
    """A proxy on this machine asks for people who are not: what it passes on carries X-Forwarded-For."""
    address = ip_address(request.remote_addr or "0.0.0.0")
    return address.is_loopback and "X-Forwarded-For" not in request.headers


def count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, response.status_code).inc()
    SECONDS.labels(endpoint).observe(time.perf_counter() - g.began)
    return response
