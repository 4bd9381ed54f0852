"""Untying an owner from a property."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from portal.entities.ownerships.model import Ownership
from portal.extensions import db


def home(ownership: Ownership) -> str:
    """Back to the page it was opened from: the owner's or the property's."""
    if "owner_id" in request.args:
        return url_for("owners.show", record_id=ownership.owner_id)
    return url_for("properties.show", record_id=ownership.property_id)


def removal(record_id: Any) -> ResponseReturnValue:
    ownership = db.get_or_404(Ownership, record_id)
    is_last = is_last_in_buildium(ownership)
    if request.method == "GET":
        return render_template("ownerships/removal.html", record=ownership, is_last=is_last, back=home(ownership))
    if is_last:
        abort(HTTPStatus.CONFLICT, "Buildium keeps at least one property with every owner. Add another one first.")
    back, words = home(ownership), f"{ownership.owner} doesn’t own {ownership.property} any more."
    db.session.delete(ownership)
    db.session.commit()
    flash(words)
    return redirect(back, HTTPStatus.SEE_OTHER)


def is_last_in_buildium(ownership: Ownership) -> bool:
    """Buildium refuses an owner without any property (MAPPING §4.4)."""
    if ownership.owner.buildium_owner_id is None:
        return False
    others = select(func.count()).where(Ownership.owner_id == ownership.owner_id, Ownership.id != ownership.id)
    return db.session.scalar(others) == 0
