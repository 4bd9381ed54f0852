"""The pages about sending many again: a count before, a receipt after, and who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from portal.extensions import db
from portal.operations.issues import retry_plan
from portal.operations.issues.models import Retry, RetryItem
from portal.operations.models import Act
from portal.sync.states import State
from tests.operations import rows
from tests.operations.pages import page, receipt, text
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def failed(number: int = 1, **values: Any) -> list[Any]:
    return [rows.status(State.FAILED, **values) for _ in range(number)]


def retry_of() -> Retry:
    with speaking_as(rows.MACHINE):
        found = db.session.scalars(select(Retry)).one()
        db.session.expunge(found)
    return found


def test_the_plan_says_how_many_and_sends_nothing(staff: FlaskClient) -> None:
    issue = failed(3)[0].issue_id
    words = text(page(staff, f"/sync/issues/{issue}/retry"))
    assert "Send 3 records again?" in words
    assert "less than a minute, at 10 requests a second" in words
    with speaking_as(rows.MACHINE):
        assert db.session.scalars(select(Retry)).all() == []


def test_the_receipt_tells_what_was_queued_and_what_was_skipped(staff: FlaskClient) -> None:
    failed(2)
    rows.status(State.SYNCED)
    said = receipt(staff, "/sync/retry", {"entity_type": "property"})
    assert "Queued 2, skipped 1: 1 match Buildium already." in said
    with speaking_as(rows.MACHINE):
        act = db.session.scalars(select(Act).where(Act.kind == "retry")).one()
        assert (act.asked, act.queued, act.skipped, act.filter) == (3, 2, 1, {"entity_type": "property"})


def test_the_progress_is_a_page_whose_numbers_open_their_rows(staff: FlaskClient) -> None:
    names = [str(row.record_name) for row in failed(2)]
    receipt(staff, f"/sync/issues/{rows.status(State.FAILED).issue_id}/retry")
    found = page(staff, f"/sync/retries/{retry_of().id}?outcome=waiting")
    assert "0 of 3 done" in text(found)
    assert all(name in text(found) for name in names)
    assert "Staff" in text(page(staff, "/sync/retries"))


def test_a_retry_is_cancelled_once(staff: FlaskClient) -> None:
    receipt(staff, f"/sync/issues/{failed(2)[0].issue_id}/retry")
    url = f"/sync/retries/{retry_of().id}/cancel"
    assert "2 records were not sent" in receipt(staff, url)
    assert "over already" in receipt(staff, url)
    assert retry_of().state == "cancelled"


def test_more_than_go_at_once_are_counted_and_left_for_the_next_time(
    staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry_plan, "AT_ONCE", 2)
    issue = failed(5)[0].issue_id
    assert "Send 2 records again?" in text(page(staff, f"/sync/issues/{issue}/retry"))
    assert "for the 3 that stay" in text(page(staff, f"/sync/issues/{issue}/retry"))
    assert "Queued 2, skipped 3: 3 stay for the next time" in receipt(staff, f"/sync/issues/{issue}/retry")


@pytest.mark.parametrize("whole", ["issue", "filter"])
def test_when_they_are_done_their_page_leads_to_the_next_ones(
    staff: FlaskClient, monkeypatch: pytest.MonkeyPatch, whole: str
) -> None:
    monkeypatch.setattr(retry_plan, "AT_ONCE", 2)
    issue = failed(5)[0].issue_id
    plan = f"/sync/issues/{issue}/retry" if whole == "issue" else "/sync/retry?state=failed"
    receipt(staff, plan.partition("?")[0], {"state": "failed"} if whole == "filter" else {})
    made = retry_of()
    assert "There is more to send" not in text(page(staff, f"/sync/retries/{made.id}"))
    with speaking_as(rows.MACHINE):
        db.session.execute(update(Retry).values(state="done"))
        db.session.execute(update(RetryItem).values(state="succeeded"))
        db.session.commit()
    found = page(staff, f"/sync/retries/{made.id}")
    assert "3 more were meant than go at once" in text(found)
    (link,) = [each for each in found.iter("a") if text(each).startswith("Count them again")]
    assert link.get("href") == plan
    assert "again?" in text(page(staff, plan))


def test_nothing_to_send_is_said(staff: FlaskClient) -> None:
    rows.status(State.SYNCED)
    assert "Nothing was sent" in receipt(staff, "/sync/retry", {"state": "synced"})


def worn(**values: Any) -> Any:
    row = rows.status(State.FAILED, **values)
    with speaking_as(rows.MACHINE):
        found = db.session.get_one(type(row), row.id)
        found.retries, found.retried_issue_id = 3, found.issue_id
        db.session.commit()
    return rows.again(row)


def test_what_failed_three_times_is_not_offered_to_staff(staff: FlaskClient) -> None:
    row = worn()
    words = text(page(staff, f"/sync/records/{row.id}"))
    assert "sent again 3 times without a change" in words
    assert "Send again" not in words
    assert "three times" in receipt(staff, f"/sync/records/{row.id}/retry", {"stubborn": "yes"})
    assert rows.again(row).sync_status == "failed"
    assert "1 failed three times for the same cause" in text(
        page(staff, f"/sync/issues/{row.issue_id}/retry?stubborn=yes")
    )


def test_a_manager_may_try_again_all_the_same(client: FlaskClient) -> None:
    sign_in(client, "manager")
    row = worn()
    assert "Send 1 record again?" in text(page(client, f"/sync/issues/{row.issue_id}/retry?stubborn=yes"))
    assert "will be sent again" in receipt(client, f"/sync/records/{row.id}/retry", {"stubborn": "yes"})


def test_one_record_that_is_sent_again_is_written_down(staff: FlaskClient) -> None:
    row = failed()[0]
    receipt(staff, f"/sync/records/{row.id}/retry")
    assert "What people did here" in text(page(staff, f"/sync/records/{row.id}"))
    assert rows.again(row).retries == 1


def test_a_failed_run_is_started_again(staff: FlaskClient) -> None:
    run = rows.run("failed", error_message="Buildium can't be reached.")
    assert "started again" in receipt(staff, f"/sync/issues/{run.issue_id}/retry")


@pytest.mark.parametrize("path", ["/sync/issues", "/sync/retries", "/sync/retry", "/sync/help/missing"])
def test_a_viewer_sees_none_of_it(client: FlaskClient, path: str) -> None:
    sign_in(client, "viewer")
    assert client.get(path).status_code == 403
