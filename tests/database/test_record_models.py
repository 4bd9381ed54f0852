"""The models in Python: shares of owners, names that people use, secrets, dates of leases."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from portal.database import Base
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.leases.model import Lease
from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.entities.staff_users.model import StaffUser
from portal.entities.tasks.model import Task
from portal.entities.units.model import Unit
from portal.vault import vault


@pytest.fixture
def records(database_url: str) -> Iterator[Session]:
    """A session that acts as staff; rolled back."""
    engine = create_engine(database_url)
    with engine.connect() as connection, connection.begin() as transaction, Session(connection) as session:
        session.execute(text("set local role portal_staff"))
        yield session
        transaction.rollback()
    engine.dispose()


def test_a_record_of_every_kind_that_was_just_made_can_be_saved_and_read(records: Session) -> None:
    house = Property(name="Maple Court", operating_bank_account=BankAccount(name="Operating"))
    lease = Lease(property=house, unit=Unit(property=house, unit_number="12B"), start_date=datetime.date(2020, 1, 1))
    records.add(lease)
    records.flush()
    assert (house.version, house.status, house.is_active) == (1, "Active", True)
    assert (lease.status, str(lease)) == ("Active", "Maple Court – 12B, from 2020-01-01")
    assert lease.created_at.tzinfo is not None
    house.is_active = False
    records.flush()
    assert (house.status, house.version) == ("Inactive", 2)


def test_lease_dates_are_days_and_midnights_in_the_table(records: Session) -> None:
    house = Property(name="Maple Court")
    lease = Lease(property=house, unit=Unit(property=house, unit_number="1"), start_date=datetime.date(2026, 3, 1))
    records.add(lease)
    records.flush()
    records.refresh(lease)
    assert (lease.start_date, lease.end_date) == (datetime.date(2026, 3, 1), None)
    assert records.scalar(text('select "startDate"::text from lease')) == "2026-03-01 00:00:00"
    assert lease.status_on(datetime.date(2026, 2, 28)) == "Future"


def test_an_owner_owns_a_share_changes_it_and_gives_it_up(records: Session) -> None:
    house, owner = Property(name="Maple Court"), Owner(last_name="Adams")
    records.add_all([house, owner])
    share = owner.own(house, Decimal(40), primary=True)
    records.flush()
    assert owner.own(house, Decimal(60), Decimal(50)) is share
    records.flush()
    assert (share.ownership_percentage, share.disbursement_percentage) == (Decimal(60), Decimal(50))
    assert not share.primary
    assert (owner.property_ids, house.owners) == ([house.id], [owner])
    owner.disown(house)
    records.flush()
    assert owner.property_ids == []
    assert records.scalar(text("select count(*) from ownership")) == 0


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"first_name": "Jane", "last_name": "Adams"}, "Jane Adams"),
        ({"last_name": "Adams"}, "Adams"),
        ({"is_company": True, "company_name": "Oak LLC", "last_name": "Adams"}, "Oak LLC"),
        ({"is_company": True, "first_name": "Jane", "last_name": "Adams"}, "Jane Adams"),
        ({"is_company": False, "company_name": "Oak LLC"}, "Oak LLC"),
    ],
)
def test_the_database_calls_an_owner_as_the_portal_does(
    records: Session, values: dict[str, str | bool], name: str
) -> None:
    owner = Owner(**values)
    records.add(owner)
    records.flush()
    assert str(owner) == name
    assert records.scalar(text("select display_name from owners_list_cache")) == name


def test_secrets_are_encrypted_in_the_table_and_plain_in_python(records: Session) -> None:
    vault.configure((base64.b64encode(bytes(32)).decode(),))
    owner = Owner(last_name="Adams", tax_payer_id="123-45-6789")
    records.add(owner)
    records.flush()
    stored = str(records.scalar(text("select tax_payer_id from owners")))
    assert "6789" not in stored
    records.refresh(owner)
    assert owner.tax_payer_id == "123-45-6789"


def test_a_ledger_account_takes_its_type_from_its_sub_type() -> None:
    assert GlAccount(name="Repairs", sub_type="OperatingExpenses").type == "Expense"


def test_a_property_manager_is_found_by_buildiums_id(records: Session) -> None:
    sam = StaffUser(first_name="Sam", last_name="Staff", buildium_user_id=7)
    house = Property(name="Maple Court", property_manager_buildium_user_id=7)
    records.add_all([sam, house])
    records.flush()
    assert house.property_manager is sam


@pytest.mark.parametrize(("status", "is_open"), [("New", True), ("Completed", False), ("Closed", False)])
def test_open_tasks_are_the_same_in_python_and_in_sql(records: Session, status: str, is_open: bool) -> None:
    records.add(task := Task(subject="Leak", status=status))
    records.flush()
    assert task.is_open is is_open
    assert (records.query(Task).where(Task.is_open).count() == 1) is is_open


def test_every_editable_table_has_a_version() -> None:
    written_by_machines = ("buildium_", "sync_", "audit_", "sign_in_", "user_sessions")
    without = {name for name, table in Base.metadata.tables.items() if "version" not in table.c}
    assert {name for name in without if not name.startswith(written_by_machines)} == {
        "owners_list_cache",
        "property_ownerships_cache",
    }
