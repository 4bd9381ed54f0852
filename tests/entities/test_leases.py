"""The pages of leases: what the form asks, what stands in the way of a lease, who moves out, what comes next."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

import pytest
from sqlalchemy import select

from portal.entities.gl_accounts.model import GlAccount
from portal.entities.leases.follow_on import follow_on
from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.properties.model import Property
from portal.entities.tenants.model import Tenant
from portal.entities.units.model import Unit
from portal.sync.models import SyncStatus
from tests.client import PageClient
from tests.leases import TODAY, days, tenant_of
from tests.people import sign_in
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, fields, link, notices, parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

A_YEAR_ON = days(364)


@pytest.fixture
def unit(store: Store) -> Unit:
    house = Property(name="Alder", address_line1="1 Alder Way", postal_code="97201", country="UnitedStates")
    unit = Unit(property=house, unit_number="1A", market_rent=1500)
    income = GlAccount(name="Rent Income", type="Income", account_number="4000", buildium_gl_account_id=4)
    store(house, unit, income, GlAccount(name="Parking", type="Income", account_number="4100"))
    return unit


def given(unit: Unit, start: date = TODAY, end: date | None = A_YEAR_ON, **more: str) -> dict[str, str]:
    """What a person types for a new lease."""
    dates = {"start_date": start.isoformat(), "end_date": end.isoformat() if end else ""}
    return {"unit_id": str(unit.id), "lease_type": "Fixed", **dates, "rent": "", **more}


def new(
    manager: FlaskClient, unit: Unit, start: date = TODAY, end: date | None = A_YEAR_ON, **more: str
) -> TestResponse:
    return manager.post("/leases/new", data=given(unit, start, end, **more))


def person(number: int, first: str, last: str = "Adams", email: str = "") -> dict[str, str]:
    values = {"first_name": first, "last_name": last, "email": email}
    return {f"new_tenants-{number}-{name}": value for name, value in values.items()}


def stored_lease(store: Store, unit: Unit, *tenants: Tenant, **values: Any) -> Lease:
    known = {"lease_type": "Fixed", "start_date": days(-30), "end_date": days(335), "status": "Active", **values}
    lease = Lease(unit_id=unit.id, property_id=unit.property_id, **known)
    lease.tenants = [LeaseTenant(tenant=tenant) for tenant in tenants]
    store(lease)
    return lease


def test_a_new_lease_brings_known_and_new_tenants_and_its_money(
    manager: FlaskClient, store: Store, stored: Stored, unit: Unit
) -> None:
    ken = tenant_of("Ken", "Known", buildium_tenant_id=7)
    store(ken)
    page = f"/leases/new?unit_id={unit.id}"
    form = fields(manager.get(page))
    assert (form["rent"], form["rent_cycle"], form["lease_type"]) == ("1500.00", "Monthly", "Fixed")
    (income,) = stored(select(GlAccount.id).where(GlAccount.name == "Rent Income"))
    assert form["rent_gl_account_id"] == str(income)
    typed = {
        **form, **given(unit), "rent": "$1,450", "deposit_amt": "900", "tenants-0-tenant_id": str(ken.id),
        **person(0, "Jane", email="jane@example.com"), **person(1, "John"),
    }  # fmt: skip
    cast(PageClient, manager).most_queries = 30  # three people, each with a row to be sent
    answer = manager.post(page, data=typed)
    (lease,) = stored(select(Lease))
    assert answer.location == f"/leases/{lease.id}"
    assert (lease.rent, lease.rent_gl_account_id, lease.deposit_amt, lease.status) == (1450, income, 900, "Active")
    assert (lease.property_id, lease.send_welcome_email) == (unit.property_id, False)
    assert sorted(stored(select(Tenant.first_name).join(LeaseTenant))) == ["Jane", "John", "Ken"]
    queued = {(each.entity_type, each.entity_id) for each in stored(select(SyncStatus))}
    assert ("lease", str(lease.id)) in queued
    assert [name for name, _ in queued].count("tenant") == 3
    shown = manager.get(f"/leases/{lease.id}").text
    assert all(name in shown for name in ("Jane Adams", "John Adams", "Ken Known", "$1,450.00", "Rent Income"))


def test_adding_a_row_saves_nothing_and_keeps_what_was_typed(manager: FlaskClient, stored: Stored, unit: Unit) -> None:
    answer = manager.post("/leases/new", data={**given(unit), **person(0, "Jane"), "new_tenants-add": "1"})
    form = fields(answer)
    assert (form["new_tenants-0-first_name"], form["new_tenants-1-first_name"]) == ("Jane", "")
    assert stored(select(Lease)) == []


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"lease_type": ""}, "lease_type", "Choose the lease type."),
        ({"start_date": ""}, "start_date", "Enter the first day."),
        ({"end_date": ""}, "end_date", "Enter the last day of the term."),
        ({"end_date": "2020-01-01"}, "end_date", "The lease has to end after it starts."),
        ({"lease_type": "AtWill"}, "end_date",
         "A month-to-month lease has no last day. Empty it, or choose a fixed term."),
        ({"rent": "1", "rent_gl_account_id": ""}, "rent_gl_account_id",
         "Choose the income account that the rent is booked to."),
        ({"start_date": "2026-12-01", "prorated_first_month_rent": "5"}, "prorated_first_month_rent",
         "The lease starts with the month, so its first rent is whole. Leave this empty."),
        ({"start_date": "2026-12-05", "end_date": "2027-11-30", "prorated_last_month_rent": "5"},
         "prorated_last_month_rent",
         "The lease doesn’t end within a month, so its last rent is whole. Leave this empty."),
        ({"send_welcome_email": "y"}, "send_welcome_email",
         "No tenant of this lease has an e-mail address. Enter one, or take the tick away."),
        (person(0, "Jane", ""), "new_tenants-0-last_name", "Enter the last name."),
    ],
)  # fmt: skip
def test_what_buildium_would_refuse_is_said_beside_the_field(
    manager: FlaskClient, unit: Unit, typed: dict[str, str], field: str, message: str
) -> None:
    answer = manager.post("/leases/new", data={**given(unit), **typed})
    assert (answer.status_code, errors(answer).get(field)) == (422, message)


def test_the_same_tenant_twice_is_refused(manager: FlaskClient, store: Store, unit: Unit) -> None:
    ken = tenant_of("Ken")
    store(ken)
    twice = {f"tenants-{number}-tenant_id": str(ken.id) for number in range(2)}
    answer = manager.post("/leases/new", data=given(unit) | twice)
    assert errors(answer)["tenants"] == "The same tenant is listed twice."


def test_a_unit_is_let_once_at_a_time_and_the_other_lease_is_linked(
    manager: FlaskClient, store: Store, unit: Unit
) -> None:
    other = stored_lease(store, unit, start_date=days(-10), end_date=days(30))
    refused = new(manager, unit, days(30))
    assert refused.status_code == 422
    assert errors(refused)["start_date"].startswith("Alder – 1A is let already: the lease from")
    links = [each.get("href") for each in parsed(refused).iter("a")]
    assert f"/leases/{other.id}" in links
    assert new(manager, unit, days(31)).status_code == 303


def test_a_lease_in_the_future_stands_in_the_way_and_one_that_is_over_does_not(
    manager: FlaskClient, store: Store, unit: Unit
) -> None:
    stored_lease(store, unit, start_date=days(100), end_date=days(200), status="Future")
    stored_lease(store, unit, start_date=days(-100), end_date=days(300), status="Past")
    assert new(manager, unit, end=days(120)).status_code == 422
    assert new(manager, unit, end=days(99)).status_code == 303


def test_move_outs_of_everybody_shorten_a_lease(manager: FlaskClient, store: Store, unit: Unit) -> None:
    lease = stored_lease(store, unit, tenant_of(), tenant_of("John"), end_date=days(300))
    page = f"/leases/{lease.id}/move-outs"
    form = fields(manager.get(page))
    one = parsed(manager.get(page)).findall(".//input[@name='people']")[0].get("value")
    manager.post(page, data={**form, "people": one, "move_out_date": days(20).isoformat()})
    assert new(manager, unit, days(21)).status_code == 422
    left = fields(manager.get(page))
    manager.post(page, data={**left, "move_out_date": days(20).isoformat()})
    assert new(manager, unit, days(21)).status_code == 303


def test_a_lease_that_rolled_over_has_no_end() -> None:
    lease = Lease(lease_type="FixedWithRollover", start_date=days(-400), end_date=days(-30), status="Active")
    assert lease.last_day_on(TODAY) is None
    assert lease.overlaps(days(90), None, TODAY)
    lease.auto_move_out = True
    assert lease.last_day_on(TODAY) == days(-30)


def test_an_edit_may_not_push_a_lease_into_another_one(
    manager: FlaskClient, store: Store, stored: Stored, unit: Unit
) -> None:
    lease = stored_lease(store, unit, start_date=days(-10), end_date=days(30), buildium_lease_id=5)
    stored_lease(store, unit, start_date=days(60), end_date=days(90), status="Future")
    page = f"/leases/{lease.id}/edit"
    form = fields(manager.get(page))
    assert manager.post(page, data={**form, "end_date": days(60).isoformat()}).status_code == 422
    assert manager.post(page, data={**form, "end_date": days(59).isoformat()}).status_code == 303
    assert stored(select(Lease.end_date).where(Lease.id == lease.id)) == [days(59)]


def test_what_buildium_took_once_can_not_be_changed_here_and_the_page_says_where(
    manager: FlaskClient, store: Store, unit: Unit
) -> None:
    lease = stored_lease(store, unit, tenant_of(), buildium_lease_id=5, rent=900)
    page = manager.get(f"/leases/{lease.id}/edit")
    assert not {"rent", "deposit_amt", "send_welcome_email", "tenants-0-tenant_id"} & set(fields(page))
    assert "can’t be put on a lease that exists" in words(parsed(page))
    assert link(page, "a new tenant") == f"/tenants/new?lease_id={lease.id}"


def test_a_note_that_buildium_has_can_not_be_emptied(manager: FlaskClient, store: Store, unit: Unit) -> None:
    lease = stored_lease(store, unit, buildium_lease_id=5, buildium_note_id=3, notes="Two cats.")
    page = f"/leases/{lease.id}/edit"
    answer = manager.post(page, data={**fields(manager.get(page)), "notes": ""})
    assert errors(answer)["notes"] == "Buildium keeps every note. Write what should stand there instead."


def test_moving_out_is_entered_and_taken_back(manager: FlaskClient, store: Store, stored: Stored, unit: Unit) -> None:
    lease = stored_lease(store, unit, tenant_of(), tenant_of("John"))
    page = f"/leases/{lease.id}/move-outs"
    answer = manager.post(page, data={"people": [str(each.id) for each in stored(select(LeaseTenant))],
                                      "move_out_date": days(9).isoformat(),
                                      "notice_given_date": days(-1).isoformat()})  # fmt: skip
    assert answer.location == f"/leases/{lease.id}"
    assert "the lease ends" in " ".join(notices(manager.get(answer.location)))
    assert set(stored(select(LeaseTenant.move_out_date))) == {days(9)}
    assert {each.local_version for each in stored(select(SyncStatus).where(SyncStatus.entity_type == "lease"))} == {2}
    first = stored(select(LeaseTenant))[0]
    back = f"{page}/{first.id}/withdrawal"
    assert "stay?" in manager.get(back).text
    assert manager.post(back).location == f"/leases/{lease.id}"
    assert sorted(map(str, stored(select(LeaseTenant.move_out_date)))) == [str(days(9)), "None"]
    assert manager.get(back).status_code == 404


def test_a_move_out_needs_people_and_a_day_within_the_lease(manager: FlaskClient, store: Store, unit: Unit) -> None:
    lease = stored_lease(store, unit, tenant_of())
    page = f"/leases/{lease.id}/move-outs"
    assert errors(manager.post(page, data={})) == {
        "people": "Tick who moves out.", "move_out_date": "Enter the day on which they move out.",
    }  # fmt: skip
    form = fields(manager.get(page))
    early = manager.post(page, data={**form, "move_out_date": days(-60).isoformat()})
    assert errors(early)["move_out_date"].endswith("nobody moves out before.")
    late = {**form, "move_out_date": days(1).isoformat(), "notice_given_date": days(2).isoformat()}
    assert errors(manager.post(page, data=late))["notice_given_date"] == "Notice can’t be given after the move-out."


def test_a_renewal_begins_after_the_old_lease_with_its_people(
    manager: FlaskClient, store: Store, stored: Stored, unit: Unit
) -> None:
    lease = stored_lease(store, unit, tenant_of(), start_date=date(2026, 1, 1), end_date=date(2026, 12, 31), rent=900)
    assert link(manager.get(f"/leases/{lease.id}"), "Renew") == f"/leases/new?renews={lease.id}"
    page = manager.get(f"/leases/new?renews={lease.id}")
    form = fields(page)
    assert (form["start_date"], form["end_date"], form["rent"]) == ("2027-01-01", "2027-12-31", "900.00")
    assert "A renewal is a new lease" in page.text
    assert manager.post(f"/leases/new?renews={lease.id}", data=form).status_code == 303
    assert len(stored(select(Lease))) == 2
    assert len(stored(select(Tenant))) == 1


@pytest.mark.parametrize(
    ("start", "end", "after"),
    [
        ((2026, 1, 1), (2026, 12, 31), ("2027-01-01", "2027-12-31")),
        ((2026, 3, 15), (2027, 3, 14), ("2027-03-15", "2028-03-14")),
        ((2026, 2, 1), (2026, 7, 31), ("2026-08-01", "2027-01-31")),
    ],
)
def test_a_renewal_has_as_long_a_term(start: tuple[int, ...], end: tuple[int, ...], after: tuple[str, str]) -> None:
    lease = Lease(
        start_date=date(*start), end_date=date(*end), lease_type="Fixed", status="Active", auto_move_out=False
    )
    values = follow_on(lease, date(2026, 6, 1))
    assert (str(values["start_date"]), str(values["end_date"])) == after


def test_lists_tell_who_lives_where_and_what_ends_soon(manager: FlaskClient, store: Store, unit: Unit) -> None:
    house = Property(name="Birch")
    others = [Unit(property=house, unit_number=str(number)) for number in range(4)]
    store(house, *others)
    stored_lease(store, unit, tenant_of("Jane"), tenant_of("John"), start_date=days(-9), end_date=days(20))
    stored_lease(store, others[0], tenant_of("Zoe"), start_date=days(-8), end_date=days(50))
    stored_lease(store, others[1], start_date=days(-7), end_date=None, lease_type="AtWill")
    stored_lease(store, others[2], start_date=days(-400), end_date=days(-9), status="Past")
    assert len(rows(manager.get("/leases"))) == 4
    assert rows(manager.get("/leases?ending=30")) == ["Alder – 1A"]
    assert rows(manager.get("/leases?ending=60&sort=end_date")) == ["Alder – 1A", "Birch – 0"]
    assert rows(manager.get("/leases?term=monthly")) == ["Birch – 1"]
    assert rows(manager.get("/leases?status=Past")) == ["Birch – 2"]
    assert rows(manager.get("/leases?q=zoe")) == ["Birch – 0"]
    assert rows(manager.get(f"/leases?property_id={house.id}&status=Active&sort=-end_date")) == [
        "Birch – 0",
        "Birch – 1",
    ]
    assert rows(manager.get(f"/leases?unit_id={unit.id}")) == ["Alder – 1A"]
    assert "Jane Adams, John Adams" in words(parsed(manager.get("/leases?ending=30")))
    assert "Birch – 0" in manager.get("/leases.csv").text


def test_pages_of_a_sorted_list_follow_each_other(manager: FlaskClient, store: Store, unit: Unit) -> None:
    for number in range(30):
        stored_lease(store, unit, start_date=days(-number * 3), end_date=days(1) if number % 2 else None)
    for order in ("-start_date", "end_date", "-end_date", "updated_at"):
        first = manager.get(f"/leases?size=25&sort={order}")
        following = link(first, "Next") or next(
            each.get("href") for each in parsed(first).iter("a") if "after=" in (each.get("href") or "")
        )
        assert len(rows(first)) == 25
        assert len(rows(manager.get(following or ""))) == 5


def test_units_and_properties_list_their_leases(manager: FlaskClient, store: Store, unit: Unit) -> None:
    lease = stored_lease(store, unit, tenant_of())
    for page in (f"/units/{unit.id}", f"/properties/{unit.property_id}"):
        shown = manager.get(page)
        assert f"/leases/{lease.id}" in shown.text
        assert "Jane Adams" in shown.text


def test_a_viewer_sees_leases_and_changes_none(client: FlaskClient, store: Store, unit: Unit) -> None:
    lease = stored_lease(store, unit, tenant_of())
    sign_in(client, "viewer")
    assert "Move out" not in words(parsed(client.get(f"/leases/{lease.id}")))
    assert client.get(f"/leases/{lease.id}/move-outs").status_code == 403
