"""The pages that are measured, and how much longer than the barest one each may take."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from urllib.parse import urlencode

import psycopg

from bench.rows import COMMON_WORD, RARE_WORD

OF_A_PAGE, OF_A_SEARCH = 3.0, 4.0
FIRST, LAST, DEEP = "first page", "last page", "page after nine tenths"
BY_RENT, DEEP_BY_RENT = "by rent, first page", "by rent, page after nine tenths"
# Each deep page with the first page of the same list.
DEEP_PAGES = {LAST: FIRST, DEEP: FIRST, DEEP_BY_RENT: BY_RENT}
# Pages of the same kind take turns, so that no single record's place in memory decides.
TURNS = 20


@dataclass(frozen=True)
class Case:
    """Addresses of the same page on both sides, in the same order."""

    name: str
    portal: Sequence[str]
    bare: Sequence[str]
    aim: float = OF_A_PAGE


def cases(connection: psycopg.Connection[Any]) -> list[Case]:
    """The cases for the rows that are there now."""
    some = connection.execute(
        "select id::text, property_id::text, buildium_unit_id::text from units"
        " where is_active order by md5(id::text) limit %s",
        [TURNS],
    ).fetchall()
    by_number = place(connection, 'lower(unit_number::text) collate "C"')
    by_rent = place(connection, "market_rent")
    return [
        Case(FIRST, [units()], [units()]),
        Case(LAST, [units(before="end")], [units(last="1")]),
        Case(DEEP, [units(after=token(*by_number))], [units(value=by_number[0], id=by_number[1])]),
        Case(BY_RENT, [units(sort="market_rent")], [units(sort="market_rent")]),
        Case(
            DEEP_BY_RENT,
            [units(sort="market_rent", after=token(*by_rent))],
            [units(sort="market_rent", value=by_rent[0], id=by_rent[1])],
        ),
        Case(
            "active ones, lowest rent first",
            [units(status="active", sort="market_rent")],
            [units(is_active="true", sort="market_rent")],
        ),
        Case(
            "active ones, highest rent first",
            [units(status="active", sort="-market_rent")],
            [units(is_active="true", sort="-market_rent")],
        ),
        Case(
            "one property's, highest rent first",
            [units(property_id=each, sort="-market_rent") for _, each, _ in some],
            [units(property_id=each, sort="-market_rent") for _, each, _ in some],
        ),
        search("search for a word that one unit has", RARE_WORD[1:-1]),
        search("search for a unit's Buildium id", *(number for _, _, number in some)),
        search("search for a word that many have", COMMON_WORD),
        Case("page of a unit", *([f"/units/{each}" for each, _, _ in some],) * 2),
    ]


def search(name: str, *words: str) -> Case:
    addresses = [units(q=each) for each in words]
    return Case(name, addresses, addresses, OF_A_SEARCH)


def units(**parameters: str) -> str:
    return f"/units?{urlencode(parameters)}" if parameters else "/units"


def place(connection: psycopg.Connection[Any], order: LiteralString) -> tuple[str, str]:
    """What the list is sorted by and the id, of the unit that nine tenths of the list stand before."""
    found = connection.execute(
        f"select ({order})::text, id::text from units order by {order}, id"
        " offset (select count(*) * 9 / 10 from units) limit 1"
    ).fetchone()
    assert found
    return found[0], found[1]


def token(value: str, unit_id: str) -> str:
    """The place in an address, as the portal writes it."""
    return base64.urlsafe_b64encode(json.dumps([value, unit_id]).encode()).decode().rstrip("=")
