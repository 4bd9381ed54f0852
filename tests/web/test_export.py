from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from tests.web.conftest import Store

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def table(client: FlaskClient, address: str) -> list[list[str]]:
    response = client.get(address)
    assert response.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(response.text)))


def test_it_holds_exactly_the_filtered_list_in_its_order_without_pages(manager: FlaskClient, store: Store) -> None:
    store(*(Property(name=f"House {n:03}", city="Salem") for n in range(120)), Property(name="Elsewhere"))
    _, *rows = table(manager, "/properties.csv?city=salem&sort=-name&size=25&after=nonsense")
    assert [row[0] for row in rows] == [f"House {n:03}" for n in reversed(range(120))]


def test_it_has_the_chosen_columns_with_plain_values(manager: FlaskClient, store: Store) -> None:
    house = Property(name="Alder")
    store(house, Unit(property=house, unit_number="2B", market_rent="1234.50", unit_bedrooms="2"))
    found = table(manager, "/units.csv?columns=property_id&columns=unit_bedrooms&columns=market_rent&columns=is_active")
    assert found == [
        ["Unit", "Property", "Bedrooms", "Market rent", "Status"],
        ["2B", "Alder", "2 bedrooms", "1234.50", "Active"],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
def test_text_that_a_spreadsheet_would_run_is_quoted(manager: FlaskClient, store: Store, start: str) -> None:
    store(Property(name=f"{start}HYPERLINK(1)"), Owner(is_company=True, company_name='Comma, "Quote"\nLine'))
    assert table(manager, "/properties.csv")[1][0] == f"'{start}HYPERLINK(1)"
    assert table(manager, "/owners.csv")[1][0] == 'Comma, "Quote"\nLine'


def test_only_excel_gets_the_byte_order_mark(manager: FlaskClient, store: Store) -> None:
    store(Property(name="Söhne"))
    assert manager.get("/properties.csv").text.startswith("Name,")
    excel = manager.get("/properties.csv?bom=1")
    assert excel.data.startswith(b"\xef\xbb\xbfName,")
    assert excel.headers["Content-Disposition"].startswith('attachment; filename="properties-')


def test_an_empty_list_is_a_heading(manager: FlaskClient) -> None:
    assert len(table(manager, "/owners.csv")) == 1
