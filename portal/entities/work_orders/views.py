"""The board, and moving a work order on, there or on its own page."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from portal.database import now
from portal.entities.tasks.queries import writer
from portal.entities.work_orders.board import columns_of
from portal.entities.work_orders.model import WorkOrder
from portal.extensions import db
from portal.web.lists import read_list
from portal.web.screens import screens
from portal.words import TASK_STATUSES

TRIES = 3


def board() -> ResponseReturnValue:
    """`moved` in the address names the card that the person has just moved."""
    screen = screens()["work_orders"]
    asked = read_list(screen, request.args)
    return render_template(
        "work_orders/board.html",
        screen=screen,
        asked=asked,
        columns=columns_of(asked, moved_card()),
        chips=[(words, on_board(url)) for words, url in asked.chips()],
        unfiltered=on_board(asked.without_filters()),
        kept={name: value for name, value in asked.parameters().items() if value is not None},
        offers_closed=all(each.filter.name != "status" for each in asked.chosen),
    )


def on_board(url: str) -> str:
    """The board where `url` is the list."""
    return url_for("work_orders.board") + url.removeprefix(url_for("work_orders.index"))


def moved_card() -> UUID | None:
    try:
        return UUID(request.args.get("moved", ""))
    except ValueError:
        return None


def move(record_id: UUID) -> ResponseReturnValue:
    """Change how the task stands, and go back: to the board with its filter where the form says `board`."""
    status = request.form.get("status", "")
    if status not in TASK_STATUSES:
        abort(HTTPStatus.BAD_REQUEST, "There is no such status.")
    order: WorkOrder = db.get_or_404(WorkOrder, record_id)
    if reason := order.why_fixed():
        flash(reason, "warning")
    else:
        words = f"“{order}” is now: {TASK_STATUSES[status].lower()}. The change goes to Buildium with its task."
        move_on(record_id, status)
        flash(words)
    return redirect(back(record_id), HTTPStatus.SEE_OTHER)


def move_on(record_id: UUID, status: str) -> None:
    """Commits. The sync may save the task at this very moment: then it is read once more. Raises StaleDataError."""
    for attempt in range(TRIES):
        db.session.get_one(WorkOrder, record_id).move(status, writer(), now())
        try:
            db.session.commit()
            return
        except StaleDataError:
            db.session.rollback()
            if attempt == TRIES - 1:
                raise


def back(record_id: UUID) -> str:
    if "board" not in request.form:
        return url_for("work_orders.show", record_id=record_id)
    asked: Any = read_list(screens()["work_orders"], request.args)
    return f"{asked.address('board', moved=record_id)}#order-{record_id}"
