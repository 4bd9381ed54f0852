from __future__ import annotations

import json
from decimal import Decimal

from sqlalchemy import func, select

from portal.acting import Actor, Door, acting_as
from portal.audit import AuditEntry
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.models import SyncStatus
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from tests.live import Live
from tests.records import THERE, bank_account, owner_of, property_of, synced_property

CANARY = "987-65-4321"


def pull(name: str, buildium_id: int | None) -> Outcome:
    with acting_as(Actor.machine(Door.WEBHOOK)):
        return pull_one(current_sync().resource(name), buildium_id or 0)


def new_there(live: Live, name: str = "Theirs") -> int:
    account = db.session.scalar(select(BankAccount.buildium_bank_id)) or bank_account(live).buildium_bank_id
    body = {"Name": name, "RentalSubType": "Office", "OperatingBankAccountId": account, "Address": THERE}
    return int(live.http.post("/v1/rentals", json=body).raise_for_status().json()["Id"])


def test_a_new_record_comes_with_the_parents_that_are_not_here_yet(live: Live) -> None:
    new_there(live)
    unit = live.get("/v1/rentals/units")[0]
    assert pull("unit", unit["Id"]) is Outcome.CREATED
    house = db.session.scalars(select(Property)).one()
    assert (house.name, str(house.operating_bank_account)) == ("Theirs", "Operating")
    assert [each.unit_number for each in house.units] == [unit["UnitNumber"]]


def test_a_pull_queues_no_push(live: Live) -> None:
    pull("property", new_there(live))
    assert {row.sync_status for row in live.rows()} == {"synced"}
    live.work()
    assert live.asked("PUT", "/v1") == 0


def test_pulling_the_same_again_changes_and_writes_nothing(live: Live) -> None:
    house = synced_property(live)
    changes = db.session.scalar(select(func.count()).select_from(AuditEntry))
    seen = live.row(house).updated_at
    assert pull("property", house.buildium_property_id) is Outcome.UNCHANGED
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == changes
    assert live.row(house).updated_at == seen


def test_an_unsent_edit_survives_a_pull_that_changes_another_field(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, YearBuilt=1888)
    house.name = "Unsent"
    live.save(house)
    assert pull("property", house.buildium_property_id) is Outcome.UPDATED
    assert (house.name, house.year_built, live.state(house)) == ("Unsent", 1888, "pending")
    live.work()
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"] == "Unsent"


def test_a_pull_of_the_field_that_is_unsent_here_is_a_conflict(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Theirs")
    house.name = "Ours"
    live.save(house)
    assert pull("property", house.buildium_property_id) is Outcome.CONFLICT
    assert (house.name, live.state(house)) == ("Ours", "conflict")


def test_a_record_that_is_being_created_gets_no_twin(live: Live) -> None:
    house = property_of(bank_account(live))
    live.fault("commit_then_drop", method="POST", path="/v1/rentals")
    live.save(house)
    live.work()
    there = live.get("/v1/rentals")[0]["Id"]
    assert pull("property", there) is Outcome.BUSY
    live.work_later()
    live.work_later()
    assert db.session.scalar(select(func.count()).select_from(Property)) == 1


def test_a_record_gone_there_is_missing_here_and_nothing_is_deleted(live: Live) -> None:
    house = synced_property(live)
    live.delete_there("rentals", house.buildium_property_id or 0)
    assert pull("property", house.buildium_property_id) is Outcome.MISSING
    assert live.state(house) == "missing"
    assert db.session.get(Property, house.id) is not None


def test_owners_come_with_their_shares_and_keep_percentages_given_here(live: Live) -> None:
    house = synced_property(live)
    owner = owner_of(house)
    live.save(owner)
    live.work()
    owner.ownerships[0].ownership_percentage = Decimal(60)
    live.save(owner)
    second = new_there(live, "Second")
    both = [house.buildium_property_id, second]
    live.edit_there("owners", owner.buildium_owner_id or 0, PropertyIds=both)
    assert pull("owner", owner.buildium_owner_id) is Outcome.UPDATED
    shares = {each.property.name: each.ownership_percentage for each in owner.ownerships}
    assert shares == {"Harbor View": 60, "Second": None}


def test_account_numbers_come_whole_and_are_kept_sealed(live: Live) -> None:
    account = bank_account(live)
    assert account.account_number == "987654321"
    assert "987654321" not in (account.sealed_account_number or "")
    ledger = db.session.get_one(GlAccount, account.gl_account)
    assert ledger.is_bank_account


def test_a_tax_id_is_nowhere_in_the_clear(live: Live) -> None:
    """The canary of FAULTS.md: not in the log, the outbox, the audit trail or Redis."""
    house = synced_property(live)
    owner = owner_of(house, tax_payer_id=CANARY, tax_payer_type="SSN", comment=f"her number is {CANARY}")
    live.save(owner)
    live.work()
    assert live.state(owner) == "synced"
    pull("owner", owner.buildium_owner_id)
    assert owner.tax_payer_id == CANARY
    for row in live.call_log():
        assert CANARY not in json.dumps([row.request_data, row.response_data, row.error_message])
    db.session.rollback()
    owner_row = live.row(owner)
    snapshot = dict(owner_row.remote_snapshot or {})
    assert CANARY not in json.dumps({**snapshot, "Comment": None})
    with db.engine.connect() as connection:
        for entry in connection.execute(select(AuditEntry.changes)).scalars():
            assert CANARY not in json.dumps({**entry, "comment": None})
    assert not [key for key in live.redis.scan_iter() if CANARY.encode() in (live.redis.dump(key) or b"")]


def test_values_only_the_owner_form_of_buildium_knows_block_an_update_until_a_person_agrees(live: Live) -> None:
    house = synced_property(live)
    there = live.add_there(
        "owners", IsCompany=False, FirstName="Ada", LastName="Byron", Address=THERE, DateOfBirth="1970-01-02",
        PropertyIds=[house.buildium_property_id],
    )  # fmt: skip
    pull("owner", there)
    owner = db.session.scalars(select(Owner)).one()
    owner.comment = "Prefers e-mail"
    live.save(owner)
    live.work()
    assert live.state(owner) == "blocked"
    assert "date of birth" in (live.row(owner).error_message or "")
    assert live.asked("PUT", "/v1/rentals/owners") == 0
    owner.losses_accepted = True
    live.save(owner)
    live.work_later()
    assert live.state(owner) == "synced"


def test_a_birth_date_given_here_is_sent_with_every_update(live: Live) -> None:
    from datetime import date

    house = synced_property(live)
    person = {"is_company": False, "company_name": None, "first_name": "Ada", "last_name": "Byron"}
    owner = owner_of(house, date_of_birth=date(1970, 1, 2), **person)
    live.save(owner)
    live.work()
    owner.comment = "Prefers e-mail"
    live.save(owner)
    live.work()
    stored = live.http.get(f"/_control/records/owners/{owner.buildium_owner_id}").json()["values"]
    assert (stored["DateOfBirth"], stored["Comment"]) == ("1970-01-02", "Prefers e-mail")
    row = db.session.scalars(select(SyncStatus).where(SyncStatus.entity_type == "owner")).one()
    assert "1970-01-02" not in json.dumps(row.remote_snapshot)


def test_line_ends_and_blanks_of_buildiums_texts_come_as_a_form_sends_them_back(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, StructureDescription="One\r\ntwo \r\n")
    pull("property", house.buildium_property_id)
    assert house.structure_description == "One\ntwo"
    assert pull("property", house.buildium_property_id) is Outcome.UNCHANGED
