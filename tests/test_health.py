from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from flask import Flask
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from portal import health
from tests.apps import another_portal, plain_client
from tests.people import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from portal.config import Settings

AWAY = "postgresql+psycopg://nobody@127.0.0.1:1/none"


class Length(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("portal_outbox_length", "Waiting", value=7)


def ask(settings: Settings, path: str) -> tuple[int, dict[str, str]]:
    with another_portal(settings) as app:
        response = plain_client(app).get(path)
    return response.status_code, response.json or {}


def ask_for_metrics(settings: Settings, address: str, headers: dict[str, str]) -> int:
    with another_portal(settings) as app:
        environment = {"REMOTE_ADDR": address}
        return plain_client(app).get("/metrics", environ_overrides=environment, headers=headers).status_code


def test_alive_needs_nothing_at_all(settings: Settings) -> None:
    away = replace(settings, database_url=AWAY, redis_url="redis://127.0.0.1:1/0")
    assert ask(away, "/healthz") == (200, {"status": "alive"})


def test_ready_means_database_migrations_and_redis(settings: Settings) -> None:
    expected = {"status": "ready", "database": "up", "migrations": "current", "redis": "up"}
    assert ask(settings, "/readyz") == (200, expected)


def test_without_redis_people_can_still_work(settings: Settings) -> None:
    status, parts = ask(replace(settings, redis_url="redis://127.0.0.1:1/0"), "/readyz")
    assert (status, parts["status"], parts["redis"]) == (200, "degraded", "down")


def test_without_the_database_nobody_can(settings: Settings) -> None:
    status, parts = ask(replace(settings, database_url=AWAY), "/readyz")
    assert (status, parts["status"], parts["database"]) == (503, "not ready", "down")


def test_a_database_without_tables_is_not_ready(settings: Settings, empty_database: Callable[[], str]) -> None:
    status, parts = ask(replace(settings, database_url=empty_database()), "/readyz")
    assert (status, parts["migrations"]) == (503, "behind")


@pytest.mark.parametrize(("version", "state", "status"), [("0001", "behind", 503), ("from_the_future", "ahead", 200)])
def test_the_version_of_the_tables_decides(
    settings: Settings, fresh_database: Callable[[], str], version: str, state: str, status: int
) -> None:
    url = fresh_database()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("update alembic_version set version_num = %s", [version])
    found, parts = ask(replace(settings, database_url=url), "/readyz")
    assert (found, parts["migrations"]) == (status, state)


def test_metrics_count_requests_by_endpoint_and_status(client: FlaskClient) -> None:
    client.get("/login")
    text = client.get("/metrics").text
    assert 'portal_requests_total{endpoint="accounts.sign_in",status="200"}' in text
    assert 'portal_request_seconds_count{endpoint="accounts.sign_in"}' in text


def test_metrics_hold_what_other_parts_measure(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "COLLECTORS", [Length])
    assert "portal_outbox_length 7.0" in client.get("/metrics").text


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.1", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 403),
        ("192.0.2.1", {"Authorization": "Bearer for-prometheus"}, 200),
        ("192.0.2.1", {"Authorization": "Bearer for-prometheuß"}, 403),
        ("", {}, 403),
    ],
)
def test_metrics_are_for_this_machine_or_with_the_token(
    settings: Settings, address: str, headers: dict[str, str], status: int
) -> None:
    assert ask_for_metrics(replace(settings, metrics_token="for-prometheus"), address, headers) == status


def test_an_empty_token_opens_nothing(settings: Settings) -> None:
    assert ask_for_metrics(settings, "192.0.2.1", {"Authorization": "Bearer "}) == 403


def test_being_signed_in_opens_no_metrics(app: Flask, client: FlaskClient) -> None:
    sign_in(client, "administrator")
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 403
