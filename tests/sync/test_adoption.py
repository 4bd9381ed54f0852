"""The first import onto rows that are here already: nothing twice on either side, and nothing linked on a guess."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.sync import imports, linking, runs
from portal.sync.adoption_models import Adoption, Match
from portal.sync.decisions import OURS, THEIRS
from portal.sync.likeness import normal
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.outbox import from_buildium
from portal.sync.states import TransitionError
from tests.live import Live
from tests.records import THERE, bank_account, property_of, unit_of


def already_here(*records: Any) -> None:
    """Rows of a database that the portal adopts: the sync has never heard of them."""
    with from_buildium(db.session):
        db.session.add_all(records)
    db.session.commit()


def there(live: Live, account: Any, name: str, street: str = "12 Harbor Street", **more: Any) -> int:
    body = {
        "Name": name, "RentalSubType": "MultiFamily", "OperatingBankAccountId": account.buildium_bank_id,
        "Address": {**THERE, "AddressLine1": street}, "Units": [{"UnitNumber": "1A", "Address": {**THERE}}], **more,
    }  # fmt: skip
    return int(live.http.post("/v1/rentals", json=body).raise_for_status().json()["Id"])


def imported(live: Live) -> None:
    live.forget_requests()
    imports.begin_import("test")
    live.work()


def adoption(record: Any) -> Adoption:
    db.session.rollback()
    return db.session.scalars(select(Adoption).where(Adoption.entity_id == str(record.id))).one()


def link(record: Any, buildium_id: int, side: str = linking.ASK) -> None:
    found = adoption(record)
    linking.link(found, buildium_id, side, "Pat Manager")
    linking.go_on(found, "Pat Manager")


def names(live: Live) -> tuple[list[str], list[str]]:
    """Properties here and there."""
    db.session.rollback()
    here = sorted(str(each) for each in db.session.scalars(select(Property.name)))
    return here, sorted(each["Name"] for each in live.get("/v1/rentals"))


def test_everything_is_once_on_both_sides_after_the_review(live: Live) -> None:
    account = bank_account(live)
    same = property_of(account, name="Harbor View", address_line1="12 Harbor St.")
    other = property_of(account, name="Elm Court", address_line1="9 Elm Road")
    twin = property_of(account, name="Twin Oaks", address_line1="1 Oak Lane")
    nowhere = property_of(account, name="Nowhere Else", address_line1="77 Far Away")
    linked = property_of(account, name="Linked", address_line1="5 Link Way")
    ids = {
        name: there(live, account, name, street)
        for name, street in {
            "HARBOR VIEW": "12 Harbor Street",
            "Elm Court": "100 Elm Road",
            "Only There": "3 Sole St",
        }.items()
    }
    twins = [there(live, account, "Twin Oaks", f"{number} Oak Lane") for number in (2, 3)]
    linked.buildium_property_id = there(live, account, "Linked", "5 Link Way")
    unit = unit_of(same, "1A")
    already_here(same, other, twin, nowhere, linked, unit, unit_of(nowhere, "N1"))
    imported(live)
    states = {
        each.record_name: each.state for each in db.session.scalars(select(Adoption)) if each.entity_type == "property"
    }
    assert states == {
        "Harbor View": "review", "Elm Court": "review", "Twin Oaks": "review", "Nowhere Else": "new",
    }  # fmt: skip
    assert "Somebody has to say" in (live.row(same).error_message or "")
    assert {live.state(each) for each in (same, other, twin)} == {"blocked"}
    here, _ = names(live)
    assert here == ["Elm Court", "Harbor View", "Linked", "Nowhere Else", "Only There", "Twin Oaks"]
    live.work_later()
    assert live.state(nowhere) == "synced", live.row(nowhere).error_message
    assert live.asked("POST", "/v1/rentals") == 1

    link(same, ids["HARBOR VIEW"], OURS)
    found = adoption(other)
    linking.different(found, "Pat Manager")
    linking.go_on(found, "Pat Manager")
    link(twin, twins[1], THEIRS)
    live.work_later()
    live.work_later()
    live.work_later()
    # Only now it is known in which of Buildium's properties the unit would be.
    (match,) = db.session.scalars(select(Match).where(Match.adoption_id == adoption(unit).id)).all()
    link(unit, match.buildium_id)
    live.work_later()
    live.work_later()
    here, yonder = names(live)
    assert here == yonder
    assert len(here) == 8
    assert live.asked("POST", "/v1/rentals") == 2
    assert {row.sync_status for row in live.rows()} == {"synced"}, [
        (row.record_name, row.sync_status, row.error_message) for row in live.rows() if row.sync_status != "synced"
    ]
    units = db.session.scalars(select(Unit)).all()
    assert sorted(each.buildium_unit_id or 0 for each in units) == sorted(
        each["Id"] for each in live.get("/v1/rentals/units")
    )
    assert live.get(f"/v1/rentals/{ids['HARBOR VIEW']}")["Name"] == "Harbor View"

    before = max(row.updated_at for row in live.rows())
    imported(live)
    assert max(row.updated_at for row in live.rows()) == before
    assert [live.asked(method, "/v1") for method in ("POST", "PUT", "PATCH", "DELETE")] == [0, 0, 0, 0]


def undecided(live: Live) -> tuple[Property, int]:
    """A row of ours and the property in Buildium that looks like it, both known to the portal."""
    account = bank_account(live)
    house = property_of(account, year_built=1940)
    already_here(house, unit_of(house, "1A"))
    number = there(live, account, "Harbor View", YearBuilt=1950, StructureDescription="Red brick")
    imported(live)
    return house, number


def test_while_nobody_has_decided_nothing_is_sent_and_nothing_imported_twice(live: Live) -> None:
    house, _ = undecided(live)
    house.name = "Harbor View II"
    live.save(house)
    live.work_later()
    assert live.state(house) == "blocked"
    assert live.row(house).cause == "awaiting review"
    imported(live)
    assert (len(names(live)[0]), len(db.session.scalars(select(Unit)).all())) == (1, 1)
    assert live.asked("POST", "/v1/rentals") == 0


def test_the_evidence_and_the_number_for_review_are_told(live: Live) -> None:
    house, number = undecided(live)
    (match,) = db.session.scalars(select(Match).where(Match.adoption_id == adoption(house).id)).all()
    assert (match.buildium_id, match.is_strong) == (number, True)
    assert [each["words"] for each in match.evidence] == ["same name", "same address"]
    run = db.session.scalars(select(SyncRun).where(SyncRun.entity_type == "property")).one()
    assert run.for_review == 1


def test_what_differs_when_it_is_linked_is_for_a_person_and_what_only_one_side_has_stays(live: Live) -> None:
    house, number = undecided(live)
    link(house, number)
    live.work_later()
    row = live.row(house)
    assert (row.sync_status, sorted(row.conflict or {})) == ("conflict", ["YearBuilt"])
    db.session.refresh(house)
    assert (house.year_built, house.structure_description) == (1940, "Red brick")
    assert live.get(f"/v1/rentals/{number}")["YearBuilt"] == 1950


@pytest.mark.parametrize(("side", "year"), [(OURS, 1940), (THEIRS, 1950)])
def test_one_side_can_be_kept_and_nothing_is_erased(live: Live, side: str, year: int) -> None:
    house, number = undecided(live)
    link(house, number, side)
    live.work_later()
    assert live.state(house) == "synced", live.row(house).error_message
    db.session.refresh(house)
    body = live.get(f"/v1/rentals/{number}")
    assert (house.year_built, body["YearBuilt"]) == (year, year)
    assert (house.structure_description, body["StructureDescription"]) == ("Red brick", "Red brick")


def test_a_row_that_had_its_id_before_keeps_what_it_says(live: Live) -> None:
    account = bank_account(live)
    house = property_of(account, year_built=1940)
    house.buildium_property_id = there(live, account, "Harbor View", YearBuilt=1950)
    already_here(house)
    imported(live)
    row = live.row(house)
    assert (row.sync_status, sorted(row.conflict or {})) == ("conflict", ["YearBuilt"])
    db.session.refresh(house)
    assert house.year_built == 1940


def test_an_undecided_bank_account_keeps_what_belongs_to_it_waiting_in_order(live: Live) -> None:
    from portal.entities.bank_accounts.model import BankAccount

    body = {"Name": "Operating", "BankAccountType": "Checking", "Country": "UnitedStates", "AccountNumber": "987654321"}
    made = live.http.post("/v1/bankaccounts", json=body).raise_for_status().json()
    account = BankAccount(
        name="Operating", bank_account_type="Checking", country="UnitedStates", buildium_bank_id=made["Id"]
    )
    number = there(live, account, "Harbor View")
    account.buildium_bank_id = None
    already_here(account)
    house = property_of(account)
    already_here(house, unit_of(house, "1A"))
    imported(live)
    assert [len(db.session.scalars(select(each)).all()) for each in (BankAccount, Property, Unit)] == [1, 1, 1]
    assert adoption(house).state == "waiting"
    link(account, made["Id"])
    live.work_later()
    assert adoption(house).state == "review"
    link(house, number)
    live.work_later()
    live.work_later()
    (unit,) = db.session.scalars(select(Unit)).all()
    assert adoption(unit).state == "review"
    assert live.asked("POST", "/v1/rentals") == 0


def test_a_different_record_can_be_looked_at_again_until_it_was_sent(live: Live) -> None:
    house, number = undecided(live)
    found = adoption(house)
    linking.different(found, "Pat Manager")
    linking.revisit(found)
    assert found.state == "review"
    linking.different(found, "Pat Manager")
    linking.go_on(found, "Pat Manager")
    live.work_later()
    assert live.state(house) == "synced", live.row(house).error_message
    with pytest.raises(TransitionError, match="sent to Buildium already"):
        linking.revisit(adoption(house))
    assert len(names(live)[0]) == 2
    assert number in [each["Id"] for each in live.get("/v1/rentals")]


def test_all_unambiguous_ones_are_linked_at_once_and_no_other(live: Live) -> None:
    account = bank_account(live)
    houses = [property_of(account, name=f"House {number}", address_line1=f"{number} Main St") for number in range(4)]
    unsure = property_of(account, name="House 9", address_line1="900 Main St")
    for number in range(4):
        there(live, account, f"House {number}", f"{number} Main Street")
    there(live, account, "House 9", "9 Main Street")
    already_here(*houses, unsure)
    imported(live)
    assert linking.number_unambiguous("property") == 4
    linked, skipped = linking.link_unambiguous("property", linking.ASK, "Pat Manager")
    db.session.commit()
    linking.import_again("property", "Pat Manager")
    live.work_later()
    assert (linked, skipped) == (4, {})
    assert {adoption(each).state for each in houses} == {"linked"}
    assert adoption(unsure).state == "review"


def test_two_rows_of_ours_like_one_record_are_for_a_person(live: Live) -> None:
    account = bank_account(live)
    one, two = property_of(account), property_of(account)
    already_here(one, two)
    number = there(live, account, "Harbor View")
    imported(live)
    assert linking.number_unambiguous("property") == 0
    link(one, number)
    with pytest.raises(TransitionError):
        linking.link(adoption(two), number, linking.ASK, "Pat Manager")


def test_an_import_that_was_killed_in_the_middle_goes_on_and_makes_nothing_twice(live: Live) -> None:
    account = bank_account(live)
    houses = [property_of(account, name=f"House {number}", address_line1=f"{number} Main St") for number in range(3)]
    for number in range(3):
        there(live, account, f"House {number}", f"{number} Main Street")
    already_here(*houses)
    live.forget_requests()
    imports.begin_import("test")
    # The worker dies after it has kept the page, and before it has written down that it has.
    run = db.session.scalars(select(SyncRun).where(SyncRun.entity_type == "property")).one()
    step = runs.read_page(run, live.app.extensions["sync"].resource("property"))
    assert step is not None
    from portal.sync.pull import pull_bodies

    pull_bodies(live.app.extensions["sync"].resource("property"), step.rows, step.read_at)
    db.session.rollback()
    live.work()
    assert {adoption(each).state for each in houses} == {"review"}
    assert len(db.session.scalars(select(Match).where(Match.entity_type == "property")).all()) == 3
    assert len(names(live)[0]) == 3
    assert live.asked("POST", "/v1/rentals") == 0


def test_a_record_saved_in_the_portal_meanwhile_is_sent_as_ever(live: Live) -> None:
    undecided(live)
    account = db.session.scalars(select(Property)).first()
    new = property_of(None, name="Brand New", address_line1="8 New Road")
    new.operating_bank_account_id = account.operating_bank_account_id if account else None
    live.save(new)
    live.work_later()
    assert live.state(new) == "synced", live.row(new).error_message
    assert db.session.scalars(select(SyncStatus).where(SyncStatus.entity_id == str(new.id))).one().buildium_id


@pytest.mark.parametrize(
    ("one", "other"),
    [("Harbor View", "HARBOR  view"), ("12 Harbor St.", "12 Harbor Street"), ("Zoë’s Café", "zoes cafe")],
)
def test_two_spellings_of_one_name_are_the_same(one: str, other: str) -> None:
    assert normal(one) == normal(other)
