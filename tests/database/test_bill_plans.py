"""With 20,000 bills, most of them paid, what is open, overdue or of an age is found through an index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from portal.entities.bills.model import Bill
from portal.entities.bills.queries import aged, stands
from tests.database.acting import act_as, plain

ROWS = 20_000


@pytest.fixture(scope="module")
def crowded(addresses: Any, worker: str) -> Iterator[str]:
    """The address of a database of its own: statistics outlive a rollback."""
    name = f"{addresses.prefix}_{worker}_bills"
    url = addresses.databases.make_migrated(name)
    with psycopg.connect(plain(url)) as connection:
        act_as(connection, "portal_machine")
        connection.execute("insert into vendors (name) values ('Pipes & Co')")
        connection.execute(
            "insert into bills (vendor_id, date, due_date, amount, paid_date)"
            " select vendors.id, day, day + 20, 100, case when n %% 50 > 0 then day + 10 end"
            " from vendors, generate_series(1, %s) as n, lateral (select date '2026-06-01' - n %% 600 as day) as days",
            [ROWS],
        )
        connection.commit()
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("vacuum analyze bills")
    yield url
    addresses.databases.drop(name)


@pytest.mark.parametrize("condition", ["open", "overdue", "pending", "31-60", "90+"])
def test_the_first_page_walks_an_index(app: Flask, crowded: str, condition: str) -> None:
    with app.app_context(), time_machine.travel(datetime(2026, 6, 15, tzinfo=UTC), tick=False):
        is_age = condition[0].isdigit()
        found = select(Bill.id).where(aged(condition) if is_age else stands(condition))
        page = found.order_by(Bill.due_date.desc(), Bill.id.desc()).limit(51)
    query = page.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    with psycopg.connect(plain(crowded)) as connection:
        act_as(connection, "portal_manager")
        plan = "\n".join(row for (row,) in connection.execute(f"explain {query}").fetchall())
    assert "bills_open_due_date_idx" in plan or "idx_bills_status" in plan, plan
    assert "Seq Scan" not in plan, plan
