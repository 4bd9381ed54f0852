"""Two bills of one vendor for the tests of payments, and the pages on which they are paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from portal.entities.bank_accounts.model import BankAccount
from portal.entities.bill_payments.model import BillPayment
from portal.entities.bills.model import Bill, BillLine
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.properties.model import Property
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.sync.models import SyncStatus
from tests.people import speaking_as
from tests.web.conftest import IMPORT, Store, Stored
from tests.web.pages import fields, parsed, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


NEW = "/bill-payments/new"
SURE = "/bill-payments/confirmation"


@dataclass
class Desk:
    """The ids of two bills of one vendor, and of the account that they are paid from."""

    bank: UUID
    vendor: UUID
    first: UUID
    second: UUID


def furniture() -> tuple[Desk, BankAccount, list[Bill]]:
    """Nothing of it is stored yet; the account comes first."""
    account = GlAccount(account_number="5110", name="Pipes", sub_type="OperatingExpenses", type="Expense")
    bank, vendor = BankAccount(name="Operating"), Vendor(name="Wharf Plumbing")
    house = Property(name="Alder", operating_bank_account_id=bank.id)
    bills: list[Bill] = []
    for number, amounts in (("W-1", (100, 50)), ("W-2", (70,))):
        lines = [
            BillLine(gl_account=account, property=house, amount=Decimal(amount), position=place)
            for place, amount in enumerate(amounts)
        ]
        values = {"date": date(2026, 3, 2), "due_date": date(2026, 4, len(bills) + 1), "reference_number": number}
        bills.append(Bill(vendor=vendor, lines=lines, **values))
    return Desk(bank.id, vendor.id, *(each.id for each in bills)), bank, bills


@pytest.fixture
def desk(store: Store) -> Desk:
    desk, bank, bills = furniture()
    store(bank)
    store(*bills)
    return desk


def asked(client: FlaskClient, page: TestResponse, **typed: str) -> TestResponse:
    """The page that asks, after `typed` was entered on the page of the bills."""
    return client.post(NEW, data={**fields(page), **typed})


def tables(page: TestResponse) -> dict[str, list[str]]:
    """Caption → the rows' texts."""
    return {
        words(next(table.iter("caption"))): [words(row) for row in table.iter("tr")]
        for table in parsed(page).iter("table")
    }


@pytest.fixture
def payment(manager: FlaskClient, desk: Desk, stored: Stored) -> UUID:
    """One of the first bill in full, which no worker has taken yet."""
    page = asked(manager, manager.get(f"{NEW}?bill_id={desk.first}"), date="2026-03-20")
    manager.post(SURE, data=fields(page))
    (made,) = stored(select(BillPayment.id))
    assert isinstance(made, UUID)
    return made


def outbox(payment: UUID, **values: Any) -> None:
    """Let the sync have come so far with it."""
    mine = update(SyncStatus).where(SyncStatus.entity_id == str(payment))
    with speaking_as(IMPORT):
        db.session.execute(mine.values(**values))
        db.session.commit()
