"""The barest pages and inbox that show and keep the same: Flask and psycopg, SQL by hand, nobody signs in.

The yardstick: `gunicorn -c python:portal.start.gunicorn bench.bare:app`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import threading
from typing import Any, LiteralString

import psycopg
from flask import Flask, abort, request
from flask.typing import ResponseReturnValue
from psycopg.rows import namedtuple_row

PAGE = 50
COUNT_TO = 1000

ORDERS: dict[str, LiteralString] = {
    "unit_number": 'lower(units.unit_number::text) collate "C"',
    "market_rent": "units.market_rent",
}
CONDITIONS: dict[str, LiteralString] = {
    "q": "units.search_text like %(q)s",
    "property_id": "units.property_id = %(property_id)s",
    "is_active": "units.is_active = %(is_active)s",
}

# Kept in the seeds' columns, with the seeds' indexes.
EVENTS = """
create table if not exists bare_events (
    id uuid default gen_random_uuid() primary key,
    event_id varchar(255) not null unique,
    event_type varchar(100) not null,
    event_data jsonb not null,
    processed boolean default false not null,
    processed_at timestamptz,
    error_message text,
    retry_count integer default 0 not null,
    max_retries integer default 5 not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null
);
create index if not exists bare_events_type on bare_events (event_type);
create index if not exists bare_events_processed on bare_events (processed);
"""

app = Flask(__name__)
threads = threading.local()
SECRET = os.environ.get("BUILDIUM_WEBHOOK_SECRETS", "").encode()

LIST = app.jinja_env.from_string("""
<!doctype html><title>Units</title>
<h1>Units</h1>
<p>{{ total }}{{ "+" if total > 1000 }} units</p>
<form><input name="q"><button>Search</button></form>
<table>
<tr><th>Unit<th>Property<th>Bedrooms<th>Bathrooms<th>Size<th>Market rent<th>Status<th>Buildium</tr>
{% for unit in units %}
<tr><td><a href="/units/{{ unit.id }}">{{ unit.unit_number }}</a>
<td><a href="/properties/{{ unit.property_id }}">{{ unit.property_name }}</a><td>{{ unit.unit_bedrooms }}
<td>{{ unit.unit_bathrooms }}<td>{{ unit.unit_size }}<td>{{ unit.market_rent }}
<td>{{ "Active" if unit.is_active else "Inactive" }}<td>{{ unit.sync_status }} {{ unit.last_synced_at }}</tr>
{% endfor %}
</table>
{% if units %}
<a href="?value={{ units[-1].value }}&amp;id={{ units[-1].id }}">Next</a>
{% endif %}
""")

ONE = app.jinja_env.from_string("""
<!doctype html><title>{{ unit.unit_number }}</title>
<h1>{{ unit.property_name }} – {{ unit.unit_number }}</h1>
<dl>{% for name, value in facts %}<dt>{{ name }}<dd>{{ value }}{% endfor %}</dl>
""")
FIND_ONE = """
select units.*, properties.name as property_name, properties.address_line1 as property_address, sync.sync_status,
    sync.last_synced_at, sync.error_message
from units
join properties on properties.id = units.property_id
left join buildium_sync_status as sync on sync.entity_type = 'unit' and sync.entity_id = units.id::text
where units.id = %s
"""


def connection() -> psycopg.Connection[Any]:
    """This thread's own, kept open."""
    if not hasattr(threads, "connection"):
        threads.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, row_factory=namedtuple_row)
    kept: psycopg.Connection[Any] = threads.connection
    return kept


@app.get("/")
def ready() -> ResponseReturnValue:
    return "ready"


@app.get("/units")
def units() -> ResponseReturnValue:
    given = {name: value for name, value in request.args.items() if value}
    if "q" in given:
        given["q"] = f"%{given['q'].lower()}%"
    found = connection().execute(listing(given), given).fetchall()
    page = found[:PAGE]
    if "last" in given:
        page.reverse()
    return LIST.render(units=page, total=page[0].total if page else 0)


def listing(given: dict[str, str]) -> LiteralString:
    """One statement: the page with its names and states, and the number of rows as far as a thousand.

    Units without a rent come last. Only the short list of one property gets as far as them; the pages of the long list
    that are asked for here leave them out, so that the index serves.
    """
    sort = given.get("sort", "unit_number")
    value = ORDERS[sort.removeprefix("-")]
    conditions = [words for name, words in CONDITIONS.items() if name in given]
    all_rows: LiteralString = " and ".join(conditions or ["true"])
    beyond: LiteralString = f"and ({value}, units.id) > (%(value)s, %(id)s)" if "value" in given else ""
    long_down = sort == "-market_rent" and "property_id" not in given
    present: LiteralString = f"and {value} is not null" if long_down else ""
    down: LiteralString = " desc" if "last" in given or sort.startswith("-") else ""
    empty: LiteralString = "" if long_down or not sort.startswith("-") else " nulls last"
    return f"""
        with page as materialized (
            select *, {value} as value from units where {all_rows} {beyond} {present}
            order by {value}{down}{empty}, id{down} limit {PAGE + 1}
        )
        select page.*, properties.name as property_name, sync.sync_status, sync.last_synced_at,
            (select count(*) from (select from units where {all_rows} limit {COUNT_TO + 1}) as counted) as total
        from page
        join properties on properties.id = page.property_id
        left join buildium_sync_status as sync on sync.entity_type = 'unit' and sync.entity_id = page.id::text
        order by page.value{down}{empty}, page.id{down}
    """


@app.get("/units/<unit_id>")
def unit(unit_id: str) -> ResponseReturnValue:
    found = connection().execute(FIND_ONE, [unit_id]).fetchone()
    if found is None:
        abort(404)
    return ONE.render(unit=found, facts=found._asdict().items())


@app.post("/webhooks/buildium")
def webhook() -> ResponseReturnValue:
    body = request.get_data()
    signed = request.headers["buildium-webhook-timestamp"].encode() + b"." + body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(expected, request.headers["buildium-webhook-signature"]):
        abort(401)
    event = json.loads(body)
    connection().execute(
        "insert into bare_events (event_id, event_type, event_data) values (%s, %s, %s) on conflict do nothing",
        [hashlib.sha256(body).hexdigest(), event["EventName"], body.decode()],
    )
    return {"kept": True}, 202
