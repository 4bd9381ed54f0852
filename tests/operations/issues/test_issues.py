"""Failures grouped by cause: what falls into one group, what opens again, what each page says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from portal.database import now
from portal.extensions import db
from portal.operations.issues.models import Issue
from portal.operations.issues.states import number_open, standing
from portal.operations.models import Act
from portal.sync.states import State
from portal.webhooks.models import EventState
from tests.operations import rows
from tests.operations.pages import page, receipt, row_count, tabs
from tests.operations.pages import text as words_of
from tests.people import speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session, scoped_session

    from portal.sync.models import SyncStatus

ALIKE = [
    ("Vendor 7 is inactive.", "Vendor 81234 is inactive."),
    ("“Oak Court” is taken.", "“Elm & Ash, LLC” is taken."),
    ('"Oak" is taken', '"Elm" is taken'),
    ("'Oak' isn't known", "'Elm' isn't known"),
    ("Nothing before 2026-01-05.", "Nothing before 2025-12-31."),
    ("Nothing before 1/5/2026", "Nothing before 12/31/2025"),
    ("Locked until Jan 5, 2026.", "Locked until December 31, 2025."),
    ("Locked until 5 January 2026", "Locked until 31 Dec 2025"),
    ("At 2026-01-05T10:42:07.123Z it failed", "At 2026-01-06T22:00:00Z it failed"),
    ("At 10:42 AM it failed", "At 11:07 PM it failed"),
    ("Record 0b0c7a4e-9d4f-4a53-9b59-0a3f6c1f2a11 is gone", "Record 5a0c7a4e-9d4f-4a53-9b59-0a3f6c1f2aff is gone"),
    ("Amount $1,200.50 is over $900", "Amount $7 is over $1,000,000.00"),
    ("jane@example.com bounced", "j.doe+x@sub.example.org bounced"),
    ("PUT /v1/rentals/7 was answered 422: no", "PUT /v1/rentals/812/units/3 was answered 422: no"),
    ("Ids 1, 2 and 3 are unknown", "Ids 4 and 99 are unknown"),
    ("Name has 130 characters; Buildium takes 127 at most.", "Name has 5000 characters; Buildium takes 127 at most."),
    ("  Spaces   everywhere ", "Spaces everywhere."),
]
DIFFERENT = [
    ("City is missing.", "State is missing."),
    ("The vendor is inactive.", "The property is inactive."),
    ("Not a postal code", "Not a phone number"),
]


def alike(message: str, name: str | None = None) -> str:
    found: str = db.session.scalar(text("select words_alike(:message, :name)"), {"message": message, "name": name})
    return found


@pytest.fixture
def database(session: scoped_session[Session]) -> Any:
    with speaking_as(rows.MACHINE):
        yield session


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_differs_from_record_to_record_does_not_split_a_group(database: Any, one: str, other: str) -> None:
    assert alike(one) == alike(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_complaints_stay_apart(database: Any, one: str, other: str) -> None:
    assert alike(one) != alike(other)


def test_the_name_of_the_record_does_not_split_a_group_without_quotes_either(database: Any) -> None:
    assert alike("Vendor Acme Ltd exists", "Acme Ltd") == alike("Vendor Bolt & Co exists", "Bolt & Co")


@pytest.mark.parametrize("message", ["", "…", "((((", "\\1 \\m [", "'" * 999, "9" * 5000, "ü" * 2000])
def test_any_message_has_words(database: Any, message: str) -> None:
    assert len(alike(message, message)) <= 300


@pytest.mark.parametrize(
    ("field", "place"),
    [("Lines[3].Amount", "Lines.Amount"), ("$.Lines[12].Amount", "Lines.Amount"), ("Lines.4.Amount", "Lines.Amount")],
)
def test_the_number_of_a_line_does_not_split_a_group(database: Any, field: str, place: str) -> None:
    assert db.session.scalar(text("select field_alike(:field)"), {"field": field}) == place


def refused(message: str = "Not a postal code.", field: str = "Address.PostalCode", **values: Any) -> SyncStatus:
    return rows.status(State.FAILED, error_fields=[{"field": field, "message": message}], **values)


def issue_of(row: Any) -> Issue:
    with speaking_as(rows.MACHINE):
        found = db.session.get_one(Issue, rows.again(row).issue_id)
        db.session.refresh(found)
        db.session.expunge(found)
    return found


def state_of(row_or_issue: Any) -> str:
    with speaking_as(rows.MACHINE):
        db.session.expire_all()
        found = standing(row_or_issue.id)
    assert found
    return found.state


def fail_again(row: SyncStatus) -> None:
    """As a push does: sent, and refused for the same cause."""
    with speaking_as(rows.MACHINE):
        left = {"cause": row.cause, "error_message": row.error_message, "error_fields": row.error_fields}
        found = db.session.get_one(type(row), row.id)
        found.sync_status = "syncing"
        db.session.commit()
        for name, value in left.items():
            setattr(found, name, value)
        found.sync_status = "failed"
        db.session.commit()


def arrive(row: SyncStatus) -> None:
    with speaking_as(rows.MACHINE):
        found = db.session.get_one(type(row), row.id)
        found.sync_status, found.cause, found.error_message, found.error_fields = "synced", None, None, None
        db.session.commit()


def test_failures_of_one_cause_are_one_issue(staff: FlaskClient) -> None:
    one, two = refused("Vendor 7 is inactive."), refused("Vendor 99 is inactive.")
    assert one.issue_id == two.issue_id is not None


@pytest.mark.parametrize(
    "values", [{"entity_type": "owner"}, {"cause": "refused 400"}, {"field": "City"}, {"message": "Unknown."}]
)
def test_kind_status_field_and_error_split_groups(staff: FlaskClient, values: dict[str, str]) -> None:
    assert refused().issue_id != refused(**values).issue_id


@pytest.mark.parametrize("state", ["failed", "conflict", "missing", "blocked", "uncertain"])
def test_what_needs_a_person_has_an_issue(staff: FlaskClient, state: str) -> None:
    row = rows.status(State(state), next_attempt_at=None)
    assert row.issue_id
    assert "/sync/issues/" + str(row.issue_id) in staff.get("/sync/issues").text


def test_what_goes_on_by_itself_has_none(staff: FlaskClient) -> None:
    going = [
        rows.status(State.PENDING, cause="retrying"),
        rows.status(State.BLOCKED, cause="waiting for parent"),
        rows.status(State.UNCERTAIN, cause="lost answer"),
        rows.status(State.SYNCED),
        rows.status(State.HELD),
    ]
    assert [row.issue_id for row in going] == [None] * 5


@pytest.mark.parametrize("state", [EventState.FAILED, EventState.DEAD])
def test_webhooks_that_failed_are_issues_from_buildium(staff: FlaskClient, state: str) -> None:
    row = rows.event(state, error_message="GET /v1/rentals/7 was answered 500: Oops")
    issue = issue_of(row)
    assert (issue.direction, issue.cause, issue.status, issue.entity_type) == ("in", "event failed", 500, "property")
    assert "A change in Buildium couldn’t be fetched" in staff.get("/sync/issues?direction=in").text
    assert str(row.id) in staff.get(f"/sync/issues/{issue.id}").text


def test_a_failed_run_is_an_issue_until_one_goes_well(staff: FlaskClient) -> None:
    failed = rows.run("failed", error_message="Buildium can't be reached.")
    issue = issue_of(failed)
    assert (issue.direction, issue.cause) == ("in", "run failed")
    assert "Buildium can" in staff.get(f"/sync/issues/{issue.id}").text
    later = rows.run("running")
    with speaking_as(rows.MACHINE):
        db.session.get_one(type(later), later.id).state = "done"
        db.session.commit()
    assert rows.again(failed).issue_id is None
    assert state_of(issue) == "resolved"


def test_each_tab_counts_the_issues_behind_it(staff: FlaskClient) -> None:
    kinds = ("property", "owner", "unit", "lease", "bill")
    issues = [issue_of(refused(entity_type=kind)) for kind in kinds]
    for issue, state in zip(issues, ("acknowledged", "resolved", "ignored"), strict=False):
        staff.post(f"/sync/issues/{issue.id}/state", data={"state": state, "over": "5"})
    found = tabs(staff, "/sync/issues")
    assert {name: number for name, (number, _) in found.items()} == {
        "Open": 2, "Somebody is on it": 1, "Ignored": 1, "Resolved": 1, "All": 5,
    }  # fmt: skip
    for number, url in found.values():
        assert row_count(staff, url) == number


def test_the_tab_of_the_dashboard_says_how_many_are_open(staff: FlaskClient) -> None:
    refused(), refused(entity_type="owner")
    links = page(staff, "/sync").findall(".//nav[@aria-label='Sync']//a")
    assert [words_of(each) for each in links if "Issues" in words_of(each)] == ["Issues 2"] or [
        words_of(each) for each in links if "Issues" in words_of(each)
    ] == ["Issues2"]


def test_the_largest_comes_first_or_the_newest(staff: FlaskClient) -> None:
    large = [refused() for _ in range(3)][0]
    small = refused(entity_type="owner")
    names = [words_of(each) for each in page(staff, "/sync/issues").findall(".//tbody/tr/th/a")]
    assert names[0].startswith("Property")
    names = [words_of(each) for each in page(staff, "/sync/issues?sort=newest").findall(".//tbody/tr/th/a")]
    assert names[0].startswith("Owner")
    assert large.issue_id != small.issue_id


def test_a_resolved_issue_opens_again_with_a_new_failure(staff: FlaskClient) -> None:
    row = refused()
    issue = issue_of(row)
    assert "counts as resolved" in receipt(staff, f"/sync/issues/{issue.id}/state", {"state": "resolved"})
    assert state_of(issue) == "resolved"
    refused()
    assert state_of(issue) == "open"


def test_a_resolved_issue_opens_again_when_the_same_record_fails_again(staff: FlaskClient) -> None:
    row = refused()
    issue = issue_of(row)
    staff.post(f"/sync/issues/{issue.id}/state", data={"state": "resolved"})
    fail_again(row)
    assert state_of(issue) == "open"


def test_an_issue_without_rows_is_resolved_by_itself_and_comes_back(staff: FlaskClient) -> None:
    row = refused()
    issue = issue_of(row)
    arrive(row)
    assert state_of(issue) == "resolved"
    assert staff.get(f"/sync/issues/{issue.id}").status_code == 200
    refused()
    assert state_of(issue) == "open"


def test_an_acknowledged_issue_stays_so_until_all_of_it_is_gone(staff: FlaskClient) -> None:
    row = refused()
    issue = issue_of(row)
    staff.post(f"/sync/issues/{issue.id}/state", data={"state": "acknowledged", "note": "Asking the bank"})
    later = refused()
    assert state_of(issue) == "acknowledged"
    arrive(row)
    assert state_of(issue) == "open"
    assert rows.again(later).issue_id == issue.id
    assert "Asking the bank" in staff.get(f"/sync/issues/{issue.id}").text


def test_an_issue_is_ignored_until_a_day(staff: FlaskClient) -> None:
    issue = issue_of(refused())
    until = (now() + timedelta(days=3)).date().isoformat()
    assert "ignored until" in receipt(staff, f"/sync/issues/{issue.id}/state", {"state": "ignored", "until": until})
    refused()
    assert state_of(issue) == "ignored"
    with speaking_as(rows.MACHINE):
        db.session.get_one(Issue, issue.id).ignored_until = now() - timedelta(seconds=1)
        db.session.commit()
    assert state_of(issue) == "open"


def test_an_issue_is_ignored_until_it_is_larger(staff: FlaskClient) -> None:
    issue = issue_of(refused())
    staff.post(f"/sync/issues/{issue.id}/state", data={"state": "ignored", "over": "2"})
    refused()
    assert state_of(issue) == "ignored"
    refused()
    assert state_of(issue) == "open"


@pytest.mark.parametrize("data", [{}, {"until": "2020-01-01"}, {"until": "soon"}, {"over": "0"}, {"over": "-3"}])
def test_to_ignore_for_ever_is_not_possible(staff: FlaskClient, data: dict[str, str]) -> None:
    issue = issue_of(refused())
    assert "Nothing was ignored" in receipt(staff, f"/sync/issues/{issue.id}/state", {"state": "ignored", **data})
    assert state_of(issue) == "open"


def test_what_people_do_is_written_down(staff: FlaskClient) -> None:
    issue = issue_of(refused())
    for state in ("acknowledged", "resolved", "open", "note"):
        staff.post(f"/sync/issues/{issue.id}/state", data={"state": state, "note": f"about {state}"})
    with speaking_as(rows.MACHINE):
        acts = list(db.session.scalars(select(Act).where(Act.target_id == str(issue.id)).order_by(Act.at)))
        assert [each.kind for each in acts] == ["acknowledge", "resolve", "reopen", "note"]
        assert {each.actor_name[:5] for each in acts} == {"Staff"}
    answer = staff.get(f"/sync/issues/{issue.id}").text
    assert "about resolved" in answer


def test_an_unknown_word_changes_nothing(staff: FlaskClient) -> None:
    issue = issue_of(refused())
    assert "Nothing was done" in receipt(staff, f"/sync/issues/{issue.id}/state", {"state": "perfect"})
    assert state_of(issue) == "open"


def test_an_issue_shows_the_call_with_what_buildium_complains_about(staff: FlaskClient) -> None:
    row = refused()
    answer = {"UserMessage": "No.", "Errors": [{"Key": "Address.PostalCode", "Value": "Not a postal code."}]}
    rows.call(
        422, entity_type="property", entity_id=row.entity_id, response_data=answer,
        request_data={"Name": "Elm", "Address": {"PostalCode": "x"}},
    )  # fmt: skip
    found = page(staff, f"/sync/issues/{row.issue_id}")
    assert "Not a postal code." in words_of(found)
    assert any("PostalCode" in words_of(each) for each in found.findall(".//mark"))


def test_an_issue_says_who_changed_the_record_last(staff: FlaskClient) -> None:
    from portal.acting import Actor, Role
    from portal.entities.properties.model import Property
    from tests.people import make_user

    row = rows.status_of_property(State.FAILED)
    user = make_user("staff", name="Kim Editor")
    with speaking_as(Actor.person(user.id, user.name, Role.STAFF)):
        db.session.get_one(Property, row.entity_id).year_built = 1950
        db.session.commit()
    with speaking_as(rows.MACHINE):
        found = db.session.get_one(type(row), row.id)
        found.sync_status, found.cause, found.error_message = "failed", "refused 422", "No."
        db.session.commit()
    assert "Kim Editor" in staff.get(f"/sync/issues/{rows.again(row).issue_id}").text


def test_the_number_of_open_ones_is_asked_in_one_query(staff: FlaskClient) -> None:
    for kind in ("property", "owner", "unit"):
        refused(entity_type=kind)
    with speaking_as(rows.MACHINE):
        assert number_open() == 3


def test_many_issues_take_no_more_queries_than_few(staff: FlaskClient) -> None:
    staff.most_queries = 12  # type: ignore[attr-defined]
    for number in range(30):
        refused(field="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"[number] * 3)
    assert staff.get("/sync/issues").status_code == 200
    assert staff.get(f"/sync/issues/{refused().issue_id}").status_code == 200
