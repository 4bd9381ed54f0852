"""The pages every kind of record has. A page that differs is an ordinary view, named in the screen's routes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from flask import Blueprint, Flask, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from portal.extensions import db
from portal.web import conflict, reveal, screens
from portal.web.access import Permission, requires
from portal.web.export import csv_of
from portal.web.forms import RecordForm
from portal.web.lists import read_list
from portal.web.record_sync import Entry, record_sync
from portal.web.related import related_tables
from portal.web.screen import Screen

TIMELINE = 20
WHOLE_TIMELINE = 500


def blueprint(screen: Screen) -> Blueprint:
    """All pages of the screen: `<plural>.index`, `.export`, `.new`, `.show`, `.edit` and those that it asks for."""
    pages = Blueprint(screen.plural, __name__, url_prefix=f"/{screen.plural.replace('_', '-')}")
    one = f"/<{screen.key}:record_id>"
    pages.add_url_rule("", view_func=Index.as_view("index", screen))
    pages.add_url_rule("/new", view_func=New.as_view("new", screen))
    pages.add_url_rule(one, view_func=Show.as_view("show", screen))
    pages.add_url_rule(f"{one}/edit", view_func=Edit.as_view("edit", screen))
    if screen.secrets:
        pages.add_url_rule(f"{one}/revelations", view_func=Revelations.as_view("revelations", screen))
    if screen.activity:
        pages.add_url_rule(f"{one}/deactivation", view_func=Switching.as_view("deactivation", screen, False))
        pages.add_url_rule(f"{one}/reactivation", view_func=Switching.as_view("reactivation", screen, True))
    for route in screen.routes:
        view = requires(route.permission)(route.view)
        pages.add_url_rule(route.rule, route.name, view, methods=list(route.methods))
    pages.record(lambda state: register(state, screen))
    return pages


def register(state: BlueprintSetupState, screen: Screen) -> None:
    """Make the screen known to the others; its export has an address beside the blueprint's prefix."""
    screens.register(cast(Flask, state.app), screen)
    address = f"/{screen.plural.replace('_', '-')}.csv"
    state.app.add_url_rule(address, f"{screen.plural}.export", Export.as_view("export", screen))


class Page(MethodView):
    init_every_request = False

    def __init__(self, screen: Screen, active: bool = True) -> None:
        self.screen = screen
        self.active = active
        self.templates: dict[str, str] = {}

    def render(self, name: str, **context: Any) -> str:
        """The screen's own template where it has one, the shared one otherwise."""
        own, shared = f"{self.screen.plural}/{name}.html", f"records/{name}.html"
        if name not in self.templates:
            # Looked for once: to find none takes longer than to render some.
            self.templates[name] = str(current_app.jinja_env.select_template([own, shared]).name)
        return render_template(self.templates[name], screen=self.screen, **context)

    def find(self, record_id: Any) -> Any:
        return db.get_or_404(self.screen.model, record_id, options=self.screen.loads)

    def to(self, record: Any) -> ResponseReturnValue:
        home = self.screen.home or (lambda it: url_for(f"{self.screen.plural}.show", record_id=it.id))
        return redirect(home(record), HTTPStatus.SEE_OTHER)


class Index(Page):
    decorators = [requires(Permission.VIEW_RECORDS)]

    def get(self) -> ResponseReturnValue:
        asked = read_list(self.screen, request.args)
        page = asked.page()
        ids = [str(record.id) for record in page.records]
        fresh = record_sync().freshness(self.screen.singular, ids) if ids else {}
        return self.render("index", asked=asked, page=page, fresh=fresh)


class Export(Page):
    decorators = [requires(Permission.VIEW_RECORDS)]

    def get(self) -> Response:
        return csv_of(read_list(self.screen, request.args), for_excel="bom" in request.args)


class Show(Page):
    decorators = [requires(Permission.VIEW_RECORDS)]

    def get(self, record_id: Any) -> ResponseReturnValue:
        return self.present(self.find(record_id), {})

    def present(self, record: Any, revealed: dict[str, str]) -> str:
        sync, record_id = record_sync(), str(record.id)
        limit = WHOLE_TIMELINE if request.args.get("timeline") == "all" else TIMELINE
        entries = sync.timeline(self.screen.singular, self.screen.table, record_id, limit + 1)
        return self.render(
            "show",
            record=record,
            revealed=revealed,
            fresh=sync.freshness(self.screen.singular, [record_id]).get(record_id),
            related=related_tables(self.screen, record),
            timeline=entries[:limit],
            older=len(entries) > limit,
        )


class Revelations(Show):
    """Shows a sealed value once, to people who may see it, and writes down that it was shown."""

    decorators = [requires(Permission.REVEAL_SENSITIVE)]
    methods = ["POST"]

    def post(self, record_id: Any) -> ResponseReturnValue:
        record, name = self.find(record_id), request.form.get("field", "")
        if name not in self.screen.secrets:
            abort(HTTPStatus.BAD_REQUEST, "There is no such sensitive value on this page.")
        value = reveal.reveal(record, name)
        db.session.commit()
        return self.present(record, {name: value})


class New(Page):
    decorators = [requires(Permission.EDIT_RECORDS)]

    def get(self) -> ResponseReturnValue:
        form = self.screen.form()
        form.prefill(request.args)
        return self.render("form", form=form, record=None)

    def post(self) -> ResponseReturnValue:
        form = self.screen.form()
        if form.rearranged():
            return self.render("form", form=form, record=None)
        if not form.validate():
            return self.render("form", form=form, record=None), HTTPStatus.UNPROCESSABLE_ENTITY
        record = self.screen.model()
        form.fill(record)
        db.session.add(record)
        if not saved(self.screen, form):
            return self.render("form", form=form, record=None), HTTPStatus.UNPROCESSABLE_ENTITY
        tell(self.screen, form, record)
        return self.to(record)


class Edit(Page):
    decorators = [requires(Permission.EDIT_RECORDS)]

    def get(self, record_id: Any) -> ResponseReturnValue:
        record = self.find(record_id)
        fresh = record_sync().freshness(self.screen.singular, [str(record_id)]).get(str(record_id))
        refused = fresh if fresh and fresh.is_correctable else None
        return self.render("form", form=self.screen.form(record), record=record, refused=refused)

    def post(self, record_id: Any) -> ResponseReturnValue:
        record = self.find(record_id)
        form = self.screen.form(record)
        conflict.take_theirs(form, request.form.getlist("theirs"))
        if form.rearranged():
            return self.render("form", form=form, record=record)
        if not form.is_of(record) and not conflict.goes_on(form, theirs := self.of_now(record)):
            return self.compare(form, theirs)
        if not form.validate():
            return self.render("form", form=form, record=record), HTTPStatus.UNPROCESSABLE_ENTITY
        form.fill(record)
        try:
            if not saved(self.screen, form):
                return self.render("form", form=form, record=self.find(record_id)), HTTPStatus.UNPROCESSABLE_ENTITY
        except StaleDataError:
            db.session.rollback()
            return self.compare(form, self.of_now(self.find(record_id)))
        tell(self.screen, form, record)
        return self.to(record)

    def compare(self, form: RecordForm, theirs: RecordForm) -> ResponseReturnValue:
        """Somebody else saved first: nothing is saved, nothing typed is lost, both versions are shown."""
        found, gone = conflict.differences(form, theirs), conflict.gone(form)
        conflict.merge(form, theirs, found)
        others = conflict.by_others(found)
        last = self.last_change(theirs.record.id) if conflict.is_told(form, others) else None
        facts = {"found": found, "others": others, "gone": gone, "last": last}
        return self.render("conflict", form=form, record=theirs.record, **facts), HTTPStatus.CONFLICT

    def last_change(self, record_id: Any) -> Entry | None:
        timeline = record_sync().timeline(self.screen.singular, self.screen.table, str(record_id), TIMELINE)
        return next((entry for entry in timeline if entry.kind == "change"), None)

    def of_now(self, record: Any) -> RecordForm:
        """The form as somebody would open it at this moment."""
        form: RecordForm = self.screen.form(record, formdata=None)
        form.show(record)
        return form


class Switching(Page):
    """Asks before a record is switched off or on, and says what else happens then."""

    decorators = [requires(Permission.EDIT_RECORDS)]

    def get(self, record_id: Any) -> ResponseReturnValue:
        record = self.find(record_id)
        activity = self.screen.activity
        assert activity
        words = activity.on_words(record) if self.active else activity.off_words(record)
        return self.render("switching", record=record, active=self.active, words=words)

    def post(self, record_id: Any) -> ResponseReturnValue:
        record = self.find(record_id)
        activity = self.screen.activity
        assert activity
        (activity.on if self.active else activity.off)(record)
        name = str(record)
        db.session.commit()
        flash(f"{name} is {'active again' if self.active else 'inactive now'}.")
        return self.to(record)


def saved(screen: Screen, form: RecordForm) -> bool:
    """Commit; False where a value is taken, and then the form says which. Raises StaleDataError."""
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", "") or ""
        if name not in screen.unique:
            raise
        field, message = screen.unique[name]
        form[field].errors = [*form[field].errors, message]
        return False
    return True


def tell(screen: Screen, form: RecordForm, record: Any) -> None:
    """What was saved, and what Buildium still misses."""
    flash(f"{screen.name.capitalize()} “{record}” saved.")
    missing = [it for it in form.values() if it.name in screen.wanted and getattr(record, it.name) in (None, "")]
    if missing:
        words = ", ".join(field.label.text.lower() for field in missing)
        flash(f"Before it can be sent, Buildium also needs: {words}.", "warning")
