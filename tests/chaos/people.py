"""People with browsers, on both sides: each step becomes what a person does, and what came of it is written down."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httpx

from tests.chaos.company import EMAIL, FIXED, PASSWORD, Company
from tests.chaos.kinds import Body
from tests.chaos.log import ACCEPTED, REFUSED, SKIPPED, UNKNOWN, Entry, Log
from tests.chaos.page import fields as fields_of
from tests.chaos.plan import Step

TRIES = 4
Told = tuple[str, Body]


class Author:
    """One person at the portal. Signs in when first needed, and again whenever a session is gone."""

    def __init__(self, company: Company, name: str) -> None:
        self.company, self.name = company, name
        self.http = httpx.Client(base_url=company.portal.address, timeout=30)
        self.signed_in = False

    def act(self, step: Step, log: Log) -> None:
        deeds: dict[str, Callable[[Step], Told]] = {"edit": self.edit, "create": self.create}
        began = time.time()
        try:
            outcome, facts = deeds[step.act](step)
        except (httpx.TransportError, OddError) as error:
            typed = {each: step.kind.value(each).typed(step.number) for each in step.fields}
            outcome, facts = UNKNOWN, {"fields": typed, "error": f"{type(error).__name__} {error}"[:200]}
        log.add(Entry(step.number, step.who, step.act, step.slot, outcome, began, time.time(), facts))

    def edit(self, step: Step) -> Told:
        slot = self.company.slot(step.slot)
        if slot.local is None:
            return SKIPPED, {"why": "not here"}
        address = f"{slot.kind.pages}/{slot.local}/edit"
        changes = {field: slot.kind.value(field).typed(step.number) for field in step.fields}
        fields = self.form(address)
        time.sleep(step.pause)
        facts: Body = {"fields": changes}
        for attempt in range(TRIES):
            answer = self.send(address, {**fields, **changes})
            if answer.status_code == HTTPStatus.CONFLICT:
                # Somebody was faster: the page proposes both versions together; save that.
                facts["merged"] = attempt + 1
                fields = fields_of(answer.text)
                continue
            return self.judged(answer, facts)
        return REFUSED, {**facts, "why": "stale each time"}

    def create(self, step: Step) -> Told:
        """A person whose answer is lost looks whether the record is there before filling in the form again."""
        slot = self.company.slot(step.slot)
        kind = slot.kind
        try:
            typed = kind.new(step.number, lambda what: self.found(what, step))
        except LookupError as error:
            return SKIPPED, {"why": str(error)}
        facts: Body = {"fields": {value.field: typed[value.field] for value in kind.values}}
        slot.born = step.number
        outcome = UNKNOWN
        for attempt in range(TRIES):
            if attempt and self.made(step):
                return ACCEPTED, {**facts, "found": attempt}
            outcome, facts = self.tried(step, typed, facts)
            if outcome != UNKNOWN:
                break
            time.sleep(1)
        return outcome, facts

    def tried(self, step: Step, typed: Body, facts: Body) -> Told:
        try:
            answer = self.filled_in(step, typed)
        except LookupError as error:
            return SKIPPED, {"why": str(error)}
        except (httpx.TransportError, OddError) as error:
            return UNKNOWN, {**facts, "lost": f"{type(error).__name__} {error}"[:100]}
        outcome, facts = self.judged(answer, facts)
        if outcome == ACCEPTED and not self.made(step):
            facts["odd"] = "accepted, and not here"
        return outcome, facts

    def filled_in(self, step: Step, typed: Body) -> httpx.Response:
        """The answer to the form, and where a page asks once more, to its confirmation."""

        def find(what: str) -> str:
            return self.found(what, step)

        kind = step.kind
        address = kind.form(find)
        form = self.form(address)
        more = kind.fill(form, find) if kind.fill else {}
        answer = self.send(address.partition("?")[0], {**form, **typed, **more})
        if kind.confirms and answer.status_code == HTTPStatus.OK:
            return self.send(kind.confirms, fields_of(answer.text))
        return answer

    def made(self, step: Step) -> bool:
        """Whether the record is here; of the ownership, which has no mark of its own, whether there is such a tie."""
        slot = self.company.slot(step.slot)
        kind = slot.kind
        if kind.there:
            marker = kind.marker
            columns = {marker.here: marker.typed(step.number)}
        else:
            columns = kind.new(step.number, lambda what: self.found(what, step))
        where = " and ".join(f'"{column}" = %s' for column in columns)
        found = self.company.query(f"select id::text from {kind.table} where {where}", *columns.values())
        if found:
            slot.local, slot.made = found[0][0], "here"
        return bool(found)

    def found(self, what: str, step: Step) -> str:
        if what in FIXED:
            return str(self.company.fixed(what, there=False))
        parent = self.company.slot(parent_of(step, what))
        if parent.local is None:
            raise LookupError(f"{what} is not here")
        return parent.local

    def judged(self, answer: httpx.Response, facts: Body) -> Told:
        if answer.status_code == HTTPStatus.SEE_OTHER:
            return ACCEPTED, facts
        if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            words = re.findall(r'class="field-error"[^>]*>(.*?)</', answer.text, re.DOTALL)[:3]
            return REFUSED, {**facts, "why": " ".join(re.sub(r"<[^>]+>", " ", each).strip() for each in words)}
        return UNKNOWN, {**facts, "status": answer.status_code}

    def form(self, address: str) -> dict[str, str]:
        return fields_of(self.read(address).text)

    def read(self, address: str) -> httpx.Response:
        for _ in range(TRIES):
            self.sign_in()
            answer = self.http.get(address)
            if answer.status_code == HTTPStatus.OK:
                return answer
            # The session is gone, or the page couldn't be made right now: a person loads it again.
            self.signed_in = answer.status_code != HTTPStatus.SEE_OTHER
            time.sleep(0.5)
        raise OddError(f"GET {address} was answered {answer.status_code}")

    def send(self, address: str, fields: dict[str, str]) -> httpx.Response:
        self.sign_in()
        answer = self.http.post(address, data=fields, headers={"referer": str(self.http.base_url)})
        if answer.headers.get("location", "").startswith("/login"):
            self.signed_in = False
            raise OddError("signed out")
        return answer

    def sign_in(self) -> None:
        if self.signed_in:
            return
        form = self.http.get("/login")
        if form.status_code == HTTPStatus.OK:
            values = {**fields_of(form.text), "email": EMAIL, "password": PASSWORD}
            answer = self.http.post("/login", data=values, headers={"referer": str(self.http.base_url)})
            self.signed_in = answer.status_code == HTTPStatus.SEE_OTHER
        if not self.signed_in:
            raise OddError(f"can't sign in: {form.status_code}")


class OddError(Exception):
    """A page that a person can't do anything with."""


class Clerk:
    """Somebody in Buildium's own web pages."""

    def __init__(self, company: Company) -> None:
        self.company, self.control = company, company.control

    def act(self, step: Step, log: Log) -> None:
        deeds: dict[str, Callable[[Step], Told]] = {
            "edit there": self.edit, "create there": self.create, "delete there": self.delete,
        }  # fmt: skip
        began = time.time()
        outcome, facts = deeds[step.act](step)
        log.add(Entry(step.number, step.who, step.act, step.slot, outcome, began, time.time(), facts))

    def edit(self, step: Step) -> Told:
        slot = self.company.slot(step.slot)
        if slot.remote is None or slot.gone_there:
            return SKIPPED, {"why": "not there"}
        values = [slot.kind.value(field) for field in step.fields]
        changes: Body = {each.there: each.sent(step.number) for each in values}
        answer = self.control.patch(f"/records/{slot.kind.there}/{slot.remote}", json=changes)
        facts: Body = {"fields": {each.field: each.typed(step.number) for each in values}}
        return (ACCEPTED, facts) if answer.is_success else (REFUSED, {**facts, "why": answer.text[:200]})

    def create(self, step: Step) -> Told:
        slot = self.company.slot(step.slot)
        if slot.kind.new_there is None:
            return SKIPPED, {"why": "not made there"}
        try:
            body = slot.kind.new_there(step.number, lambda what: self.found(what, step))
        except LookupError as error:
            return SKIPPED, {"why": str(error)}
        answer = self.control.post(f"/records/{slot.kind.there}", json=body)
        if not answer.is_success:
            return REFUSED, {"why": answer.text[:200]}
        slot.remote, slot.born, slot.made = answer.json()["id"], step.number, "there"
        return ACCEPTED, {"fields": {each.field: each.typed(step.number) for each in slot.kind.values}}

    def delete(self, step: Step) -> Told:
        slot = self.company.slot(step.slot)
        if slot.remote is None:
            return SKIPPED, {"why": "not there"}
        answer = self.control.delete(f"/records/{slot.kind.there}/{slot.remote}")
        slot.gone_there = slot.gone_there or answer.is_success
        return (ACCEPTED, {}) if answer.is_success else (REFUSED, {"why": answer.text[:200]})

    def found(self, what: str, step: Step) -> Any:
        if what in FIXED:
            return self.company.fixed(what, there=True)
        parent = self.company.slot(parent_of(step, what))
        if parent.remote is None or parent.gone_there:
            raise LookupError(f"{what} is not there")
        return parent.remote


def parent_of(step: Step, kind: str) -> str:
    return next(each for each in step.parents if each.split()[0] == kind)
