"""Rows that were here before the first import, beside the records in Buildium that they may be: a person decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from portal.extensions import db
from portal.operations.acts import note_act
from portal.operations.blueprint import back_to, operations, person
from portal.operations.counts import ALL, numbers_by
from portal.operations.lists import STATE, Listing, is_integer, read_list
from portal.operations.places import record_url
from portal.operations.words import kind, kinds, shown
from portal.sync import linking
from portal.sync.adoption_models import Adoption, Match
from portal.sync.bodies import merged, ours, theirs
from portal.sync.current import current_sync
from portal.sync.decisions import OURS, THEIRS
from portal.sync.identities import Identities
from portal.sync.lookup import summary
from portal.sync.merge import equal
from portal.sync.places import place_of
from portal.sync.rehearsed_words import HIDDEN, hidden_places
from portal.sync.states import TransitionError
from portal.web import search
from portal.web.access import Permission, requires
from portal.web.filters import Choice, Words
from portal.web.formats import plural

STATES: Mapping[str, str] = {
    "review": "To decide",
    "waiting": "Not compared yet",
    "linked": "Linked",
    "different": "Different records",
    "new": "Not in Buildium",
}
TONES: Mapping[str, str] = {"review": "wait", "waiting": "off", "linked": "good", "different": "info", "new": "info"}
SIDES: Mapping[str, str] = {
    linking.ASK: "Ask me, field by field",
    OURS: "Keep ours",
    THEIRS: "Take Buildium’s",
}
# The same in the history of what people did.
KEPT: Mapping[str, str] = {
    linking.ASK: "where they differ, somebody is asked field by field",
    OURS: "where they differ, ours is kept",
    THEIRS: "where they differ, Buildium’s is taken",
}

MATCHES = Listing(
    "operations.matches",
    Adoption,
    Adoption.updated_at,
    filters=(
        Choice(STATE, "State", STATES, lambda value: Adoption.state == value),
        Choice("entity_type", "Kind", kinds, lambda value: Adoption.entity_type == value),
        Words("q", "Name", lambda text: search.found(func.lower(Adoption.record_name), text)),
    ),
    loads=(selectinload(Adoption.matches),),
)


@dataclass(frozen=True)
class Candidate:
    """One record in Buildium beside ours: `rows` are label, ours, theirs, and what linking would do about it."""

    buildium_id: int
    words: str
    evidence: list[dict[str, Any]]
    rows: list[tuple[str, str, str, str]]


@operations.get("/matches")
@requires(Permission.VIEW_SYNC)
def matches() -> str:
    asked = read_list(MATCHES, request.args)
    numbers = numbers_by(Adoption.state, *asked.where(but=STATE))
    return render_template(
        "sync/matches.html",
        asked=asked,
        page=asked.page(),
        states=asked.tabs(numbers, {ALL: "All", **STATES}),
        total=numbers.get(asked.value(STATE), 0),
        match_states=STATES,
        match_tones=TONES,
        sure=[(name, kind(name), number) for name, number in linking.numbers_unambiguous().items()],
        described=lambda match: ", ".join(shown(value) for key, value in summary(match.body).items() if key != "Id"),
    )


@operations.get("/matches/<uuid:adoption_id>")
@requires(Permission.VIEW_SYNC)
def match(adoption_id: UUID) -> str:
    adoption = found(adoption_id)
    return render_template(
        "sync/match.html",
        adoption=adoption,
        words=STATES[adoption.state],
        tone=TONES[adoption.state],
        candidates=[compared(adoption, each) for each in adoption.matches],
        sides=SIDES,
        is_matched=current_sync().resource(adoption.entity_type).matched,
        page_url=record_url(adoption.entity_type, adoption.entity_id),
    )


@operations.post("/matches/<uuid:adoption_id>/link")
@requires(Permission.OPERATE_SYNC)
def link_match(adoption_id: UUID) -> ResponseReturnValue:
    adoption, text, side = found(adoption_id, True), request.form.get("buildium_id", ""), request.form.get("side", "")
    if not is_integer(text) or side not in SIDES:
        abort(HTTPStatus.BAD_REQUEST, "Choose a record, and what happens where the two differ.")
    done = f"“{adoption.record_name}” is linked to Buildium’s record {text}. The two are compared now."
    act = ("link", f"Linked “{adoption.record_name}” to Buildium’s record {text}: {KEPT[side]}")
    return decided(adoption, lambda: linking.link(adoption, int(text), side, person()), act, done)


@operations.post("/matches/<uuid:adoption_id>/different")
@requires(Permission.OPERATE_SYNC)
def different_match(adoption_id: UUID) -> ResponseReturnValue:
    adoption = found(adoption_id, True)
    done = f"“{adoption.record_name}” is created in Buildium, and what is there is imported as records of their own."
    act = ("match", f"Said that “{adoption.record_name}” is none of Buildium’s records")
    return decided(adoption, lambda: linking.different(adoption, person()), act, done)


def decided(adoption: Adoption, decide: Callable[[], object], act: tuple[str, str], done: str) -> ResponseReturnValue:
    """Decide, write the act down, let the import go on from there, and say that it is `done`."""
    adoption_id = adoption.id
    try:
        decide()
        note_act(*act, target=("match", adoption_id))
        linking.go_on(adoption, person())
    except TransitionError as error:
        return not_done(adoption_id, error)
    flash(done)
    return back_to("matches", state="review")


@operations.post("/matches/<uuid:adoption_id>/revisit")
@requires(Permission.OPERATE_SYNC)
def revisit_match(adoption_id: UUID) -> ResponseReturnValue:
    adoption = found(adoption_id, True)
    try:
        linking.revisit(adoption)
        note_act("match", f"Took back what was decided about “{adoption.record_name}”", target=("match", adoption_id))
        db.session.commit()
    except TransitionError as error:
        return not_done(adoption_id, error)
    flash("It is to be decided again. Until then it isn’t sent.")
    return back_to("match", adoption_id=adoption_id)


@operations.get("/matches/sure/<entity_type>")
@requires(Permission.OPERATE_SYNC)
def ask_link_sure(entity_type: str) -> str:
    """Asks before many are linked: a link can’t be taken back from here."""
    if entity_type not in kinds():
        abort(HTTPStatus.NOT_FOUND)
    first = db.session.execute(linking.unambiguous(entity_type).order_by(Adoption.record_name).limit(50)).all()
    return render_template(
        "sync/match_sure.html",
        entity_type=entity_type,
        number=linking.number_unambiguous(entity_type),
        at_once=linking.AT_ONCE,
        pairs=[(adoption.record_name, match.buildium_id, match.evidence) for adoption, match in first],
        sides=SIDES,
    )


@operations.post("/matches/sure/<entity_type>")
@requires(Permission.OPERATE_SYNC)
def link_sure(entity_type: str) -> ResponseReturnValue:
    side = request.form.get("side", "")
    if entity_type not in kinds() or side not in SIDES:
        abort(HTTPStatus.BAD_REQUEST, "Choose what happens where the two differ.")
    by = person()
    linked, skipped = linking.link_unambiguous(entity_type, side, by)
    records = plural(linked, kind(entity_type).lower())
    if linked:
        words = f"Linked {records} that can be only one record: {KEPT[side]}"
        note_act("link", words, asked=linked + sum(skipped.values()), skipped=skipped, target=("kind", entity_type))
    db.session.commit()
    if linked:
        linking.import_again(entity_type, by)
    why = "; ".join(f"{number} skipped: {words}" for words, number in skipped.items())
    left = linking.number_unambiguous(entity_type)
    rest = f" {plural(left, 'more')} left: link these next." if left else ""
    flash(f"Linked {records}. {why}{rest}".strip())
    return back_to("matches", state="review")


def found(adoption_id: UUID, locked: bool = False) -> Adoption:
    mine = select(Adoption).where(Adoption.id == adoption_id).options(selectinload(Adoption.matches))
    adoption: Adoption = db.one_or_404(mine.with_for_update() if locked else mine)
    return adoption


def not_done(adoption_id: UUID, error: TransitionError) -> ResponseReturnValue:
    db.session.rollback()
    flash(f"Nothing was done. {error}", "error")
    return back_to("match", adoption_id=adoption_id)


def compared(adoption: Adoption, match: Match) -> Candidate:
    resource = current_sync().resource(adoption.entity_type)
    record, ids = db.session.get(resource.model, adoption.entity_id), Identities()
    words = ", ".join(shown(value) for key, value in summary(match.body).items() if key != "Id")
    if record is None:
        return Candidate(match.buildium_id, words, match.evidence, [])
    place = place_of(resource, record, ids)
    mine, yours, hidden = ours(place, record, ids), theirs(place, match.body), hidden_places(place)
    merge = merged(place, {"Id": match.buildium_id}, mine, match.body)
    rows = []
    for item in place.fields:
        if item.name is None or item.remote not in mine or equal(mine[item.remote], yours.get(item.remote)):
            continue
        pair = [mine[item.remote], yours.get(item.remote)]
        texts = [(HIDDEN if each else "") if item.remote in hidden else shown(each) for each in pair]
        rows.append((item.words, texts[0], texts[1], what_becomes(item.remote, merge.conflicts, merge.incoming)))
    return Candidate(match.buildium_id, words, match.evidence, rows)


def what_becomes(place: str, conflicts: Any, incoming: Any) -> str:
    if place in conflicts:
        return "As chosen below"
    return "Buildium’s: ours is empty" if place in incoming else "Ours: Buildium’s is empty"
