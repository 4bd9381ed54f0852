"""Payments after they were confirmed: changed until they are sent, and sent again only by a person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from portal.entities.bill_payments.model import BillPayment
from portal.entities.bills.model import Bill
from portal.extensions import db
from portal.sync.models import SyncStatus
from tests.people import speaking_as
from tests.web.conftest import IMPORT, Stored
from tests.web.pages import errors, fields, link, parsed, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient


from tests.entities.paying import outbox


class TestEditing:
    """Only until it is sent: Buildium can neither change nor undo a payment."""

    def test_a_payment_that_was_not_sent_can_be_changed(
        self, manager: FlaskClient, payment: UUID, stored: Stored
    ) -> None:
        page = f"/bill-payments/{payment}/edit"
        typed = {"amount": "120", "date": "2026-04-01", "reference_number": "9"}
        assert manager.post(page, data={**fields(manager.get(page)), **typed}).status_code == 303
        (now,) = stored(select(BillPayment))
        assert (now.amount, now.date, now.reference_number) == (Decimal(120), date(2026, 4, 1), "9")
        assert stored(select(Bill.open_amount).where(Bill.reference_number == "W-1")) == [Decimal(30)]

    def test_but_never_to_more_than_the_bill_is_over(self, manager: FlaskClient, payment: UUID) -> None:
        page = f"/bill-payments/{payment}/edit"
        response = manager.post(page, data={**fields(manager.get(page)), "amount": "150.01"})
        assert errors(response) == {"amount": "Only $150.00 of this bill is left to pay."}

    @pytest.mark.parametrize("state", ["syncing", "uncertain"])
    def test_one_that_is_on_its_way_stays_as_it_is(
        self, manager: FlaskClient, payment: UUID, state: str, stored: Stored
    ) -> None:
        page = f"/bill-payments/{payment}/edit"
        form = fields(manager.get(page))
        outbox(payment, sync_status=state)
        response = manager.post(page, data={**form, "date": "2026-04-01"})
        assert response.status_code == 422
        assert "is being sent right now" in errors(response)["date"]
        assert stored(select(BillPayment.date)) == [date(2026, 3, 20)]

    def test_one_that_buildium_has_is_frozen(self, manager: FlaskClient, payment: UUID, stored: Stored) -> None:
        page = f"/bill-payments/{payment}/edit"
        form = fields(manager.get(page))
        with speaking_as(IMPORT):
            db.session.execute(text("update bill_payments set buildium_payment_id = 7"))
            db.session.commit()
        assert "This payment can’t be changed" in words(parsed(manager.get(page)))
        assert link(manager.get(f"/bill-payments/{payment}"), "Edit") is None
        now = {**form, "version": str(stored(select(BillPayment.version))[0]), "date": "2026-04-01"}
        assert manager.post(page, data=now).status_code == 422
        assert stored(select(BillPayment.date)) == [date(2026, 3, 20)]

    def test_a_void_payment_says_so_and_pays_nothing(self, manager: FlaskClient, payment: UUID, stored: Stored) -> None:
        outbox(payment, sync_status="missing")
        assert "This payment is void" in words(parsed(manager.get(f"/bill-payments/{payment}")))
        assert stored(select(Bill.open_amount).where(Bill.reference_number == "W-1")) == [Decimal(150)]
        outbox(payment, sync_status="synced")
        assert stored(select(Bill.open_amount).where(Bill.reference_number == "W-1")) == [Decimal(0)]


class TestALostAnswer:
    """Money is sent again only by a person, and a page asks before."""

    def page(self, payment: UUID, stored: Stored, **values: Any) -> str:
        outbox(payment, **{"next_attempt_at": None, "sync_status": "uncertain", **values})
        return f"/sync/records/{stored(select(SyncStatus.id).where(SyncStatus.entity_id == str(payment)))[0]}"

    def test_a_payment_that_was_not_found_waits_for_a_person(
        self, manager: FlaskClient, payment: UUID, stored: Stored
    ) -> None:
        page = self.page(payment, stored, cause="not found after a lost answer", candidates=[])
        answer = manager.get(page)
        assert "Is it in Buildium?" in words(parsed(answer))
        asking = manager.get(link(answer, "It isn’t there: send it …") or "")
        assert "If it is there after all, it is paid twice" in words(parsed(asking))
        assert stored(select(SyncStatus.sync_status).where(SyncStatus.cause.is_not(None))) == ["uncertain"]
        assert manager.post(f"{page}/anew").status_code == 303
        assert stored(select(SyncStatus.sync_status).where(SyncStatus.entity_id == str(payment))) == ["pending"]
        assert "need attention" not in words(parsed(manager.get("/sync")))

    def test_it_can_be_looked_for_again(self, manager: FlaskClient, payment: UUID, stored: Stored) -> None:
        page = self.page(payment, stored, cause="not found after a lost answer", candidates=[])
        assert "Records that were sent and not found in Buildium" in words(parsed(manager.get("/")))
        assert manager.post(f"{page}/retry").status_code == 303
        due = select(SyncStatus.next_attempt_at.is_not(None)).where(SyncStatus.entity_id == str(payment))
        assert stored(due) == [True]

    def test_of_several_one_is_chosen(self, manager: FlaskClient, payment: UUID, stored: Stored) -> None:
        found = [{"Id": number, "EntryDate": "2026-03-20"} for number in (7, 8)]
        page = self.page(payment, stored, cause="several candidates", candidates=found)
        answer = manager.get(page)
        assert [words(parsed(answer)).count(f"It is this one: {number}") for number in (7, 8)] == [1, 1]
        assert link(answer, "It isn’t there: send it …") == f"{page}/anew"
        manager.post(f"{page}/link", data={"buildium_id": "8"})
        assert stored(select(BillPayment.buildium_payment_id)) == [8]

    def test_a_void_payment_is_never_sent_again(self, manager: FlaskClient, payment: UUID, stored: Stored) -> None:
        page = self.page(payment, stored, sync_status="missing", cause="missing")
        assert "It is void in Buildium" in words(parsed(manager.get(page)))
        manager.post(f"{page}/anew")
        assert stored(select(SyncStatus.sync_status).where(SyncStatus.entity_id == str(payment))) == ["missing"]
