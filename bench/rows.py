"""A portfolio of any size, made inside the database: properties, their units, how each stands against Buildium, and
the trail of their import. The same size gives the same rows."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

COMMON_WORD = "maple"
RARE_WORD = "Quixotry"
RARE_UNIT = 5000

# Sixteen properties in a row have 10 to 25 units each.
STREET = 16
UNITS_OF_STREET = sum(range(10, 26))
TABLES = ("properties", "units", "buildium_sync_status", "audit_log")

# A number from 0 on that looks thrown and is the same in every run.
DICE = """
create or replace function pg_temp.dice(n bigint, salt int, faces int) returns int language sql immutable as $$
    select abs(hashint8(n * 7919 + salt) % faces)
$$
"""

MAKE_PROPERTIES = """
insert into properties (
    id, name, address_line1, city, state, postal_code, country, buildium_property_id, rental_sub_type, year_built,
    total_units, status, is_active, created_at, updated_at
)
select
    md5('property ' || n)::uuid,
    trees[1 + pg_temp.dice(n, 1, 40)] || ' ' || kinds[1 + pg_temp.dice(n, 2, 8)] || ' ' || n,
    1 + pg_temp.dice(n, 3, 900) || ' ' || trees[1 + pg_temp.dice(n, 4, 40)] || ' Street',
    cities[1 + pg_temp.dice(n, 5, 8)], 'NY', (10000 + pg_temp.dice(n, 6, 4000))::text, 'UnitedStates', 100000 + n,
    'MultiFamily', 1900 + pg_temp.dice(n, 7, 120), 10 + n %% 16,
    case when pg_temp.dice(n, 8, 12) > 0 then 'Active' else 'Inactive' end, pg_temp.dice(n, 8, 12) > 0,
    now() - interval '40 days', now() - pg_temp.dice(n, 9, 40) * interval '1 day'
from generate_series(%(first)s::int, %(last)s::int) as n, (
    select
        '{Maple,Cedar,Birch,Willow,Aspen,Juniper,Alder,Hazel,Rowan,Laurel,Linden,Chestnut,Walnut,Hickory,Cypress,
        Sequoia,Magnolia,Poplar,Elm,Ash,Beech,Spruce,Hemlock,Larch,Yew,Holly,Olive,Plum,Cherry,Pear,Quince,Sorrel,
        Clover,Heather,Bramble,Thistle,Fern,Ivy,Lilac,Jasmine}'::text[] as trees,
        '{Court,House,Lofts,Terrace,Gardens,Plaza,Towers,Flats}'::text[] as kinds,
        '{Albany,Buffalo,Rochester,Syracuse,Yonkers,Utica,Ithaca,Troy}'::text[] as cities
) as words
"""

# search_text as the trigger keep_unit would work it out: `differing` asks the trigger afterwards.
MAKE_UNITS = """
with doors as (
    select row_number() over (order by n, door) + %(units)s as number, door, property.*
    from generate_series(%(first)s::int, %(last)s::int) as n
    join properties as property on buildium_property_id = 100000 + n
    cross join lateral generate_series(0, 9 + n %% 16) as door
), made as (
    select
        md5('unit ' || number)::uuid as id, doors.id as property_id, name, is_active, created_at,
        (100 * (1 + door / 5) + 1 + door %% 5)::text as unit_number,
        400 + pg_temp.dice(number, 10, 1200) as unit_size,
        case when pg_temp.dice(number, 11, 33) > 0 then 800 + pg_temp.dice(number, 12, 2400) end as market_rent,
        case when number = %(rare_unit)s then %(rare_word)s || ' Lane' else address_line1 end as address_line1,
        city, state, postal_code, country, pg_temp.dice(number, 13, 5)::text as unit_bedrooms,
        (1 + pg_temp.dice(number, 14, 3))::text as unit_bathrooms, 2000000 + number as buildium_unit_id,
        now() - pg_temp.dice(number, 15, 3456000) * interval '1 second' as updated_at
    from doors
)
insert into units (
    id, property_id, unit_number, unit_size, square_footage, market_rent, address_line1, city, state, postal_code,
    country, unit_bedrooms, unit_bathrooms, buildium_unit_id, is_active, created_at, updated_at, search_text
)
select
    id, property_id, unit_number, unit_size, unit_size, market_rent, address_line1, city, state, postal_code, country,
    unit_bedrooms, unit_bathrooms, buildium_unit_id, is_active, created_at, updated_at,
    lower(concat_ws(' ', name, unit_number, address_line1, city, postal_code, buildium_unit_id))
from made
"""

# One in twenty-five isn't in step with Buildium.
MAKE_SYNC_ROWS = """
with record as (
    select 'property' as entity_type, id, buildium_property_id as number, name, updated_at, to_jsonb(properties) as body
    from properties where buildium_property_id > 100000 + %(properties)s
    union all
    select 'unit', units.id, buildium_unit_id, name || ' – ' || unit_number, units.updated_at, to_jsonb(units)
    from units join properties on properties.id = property_id where buildium_unit_id > 2000000 + %(units)s
), thrown as (
    select record.*, (array['pending', 'blocked', 'failed', 'conflict'])[1 + pg_temp.dice(number, 16, 100)] as waits
    from record
)
insert into buildium_sync_status (
    id, entity_type, entity_id, buildium_id, last_synced_at, sync_status, error_message, synced_version,
    remote_snapshot, remote_hash, remote_seen_at, record_name, created_at, updated_at
)
select
    md5('sync ' || entity_type || number)::uuid, entity_type, id::text, number, updated_at, coalesce(waits, 'synced'),
    case when waits = 'failed' then 'Buildium refused the postal code.' end, 1,
    body - '{id,search_text,created_at,updated_at,version}'::text[], md5(body::text) || md5(id::text), updated_at,
    name, updated_at, updated_at
from thrown
"""

MAKE_TRAIL = """
insert into audit_log (at, actor_name, database_role, door, action, table_name, row_id, changes)
select
    created_at, 'Buildium sync', 'portal_machine', 'import', 'insert', 'units', id::text,
    jsonb_build_object('unit_number', jsonb_build_array(null, unit_number), 'city', jsonb_build_array(null, city))
from units where buildium_unit_id > 2000000 + %(units)s
union all
select
    updated_at, 'Pat Manager', 'portal_manager', 'browser', 'update', 'units', id::text,
    jsonb_build_object('market_rent', jsonb_build_array(1000, market_rent))
from units where buildium_unit_id > 2000000 + %(units)s and pg_temp.dice(buildium_unit_id, 17, 3) = 0
"""

# The trigger works out the search words of a few units anew; a difference means that MAKE_UNITS is out of date.
DIFFERING = """
with before as (select id, search_text, is_active from units order by id limit 500),
after as (
    update units set search_text = null from before where units.id = before.id
    returning units.id, units.search_text, units.is_active
)
select count(*) from before join after using (id)
where (before.search_text, before.is_active) is distinct from (after.search_text, after.is_active)
"""


def fill(connection: psycopg.Connection[Any], size: int) -> int:
    """Add what is missing to `size` units, as the superuser; gives how many there are then (a few more)."""
    have = count(connection, "properties")
    given = {
        "first": have + 1,
        "last": -(-size // UNITS_OF_STREET) * STREET,
        "properties": have,
        "units": have // STREET * UNITS_OF_STREET,
        "rare_unit": RARE_UNIT,
        "rare_word": RARE_WORD,
    }
    connection.execute("set maintenance_work_mem = '512MB'")
    connection.execute(DICE)
    with connection.transaction():
        # Triggers and checks of foreign keys would take minutes.
        connection.execute("set local session_replication_role = replica")
        indexes = take_indexes(connection)
        for statement in (MAKE_PROPERTIES, MAKE_UNITS, MAKE_SYNC_ROWS, MAKE_TRAIL):
            connection.execute(statement, given)
        for index in indexes:
            connection.execute(index)
    for table in TABLES:
        connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(table)))
    check(connection)
    connection.execute("checkpoint")
    return count(connection, "units")


def take_indexes(connection: psycopg.Connection[Any]) -> list[bytes]:
    """Drop the indexes that aren't constraints, and give the statements that make them again, all at once."""
    found = connection.execute(
        "select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename = any(%s)"
        " and not exists (select 1 from pg_constraint where conname = indexname)",
        [list(TABLES)],
    ).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
    return [definition.encode() for _, definition in found]


def check(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction(force_rollback=True):
        differing = connection.execute(DIFFERING).fetchone()
    if differing != (0,):
        raise RuntimeError("bench/rows.py makes other search words than the trigger keep_unit")


def count(connection: psycopg.Connection[Any], table: str) -> int:
    found = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table))).fetchone()
    return int(found[0]) if found else 0
