"""What must hold for every kind of record that has pages; a new one is tested by being in the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import url_for
from sqlalchemy import inspect
from wtforms import StringField
from wtforms.fields import FieldList
from wtforms.validators import Length

from portal.entity import Entity
from portal.registry import ENTITIES
from portal.web.record_sync import MARKS
from portal.web.screen import Screen
from tests.people import speaking_as
from tests.web.conftest import IMPORT

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

WITH_PAGES = [entity for entity in ENTITIES if entity.screen]
every = pytest.mark.parametrize(
    "entity", WITH_PAGES, ids=[entity.screen.plural for entity in WITH_PAGES if entity.screen]
)


def screen_of(entity: Entity) -> Screen:
    assert entity.screen
    return entity.screen


def form_fields(app: Flask, screen: Screen) -> list[Any]:
    with app.test_request_context(), speaking_as(IMPORT):
        return list(screen.form())


def parts_of_columns(screen: Screen) -> set[str]:
    """Attributes whose value is kept inside a column, such as a name in a JSON object."""
    return {name for name, each in vars(screen.model).items() if hasattr(each, "stored")}


@every
def test_columns_and_facts_can_be_read_from_the_model(entity: Entity) -> None:
    screen = screen_of(entity)
    names = set(inspect(screen.model).all_orm_descriptors.keys()) | set(inspect(screen.model).relationships.keys())
    facts = [fact for section in screen.sections for fact in section.facts]
    assert {each.name for each in (*screen.columns, *facts) if not each.value} <= names | parts_of_columns(screen) | {
        "id",
        "created_at",
        "updated_at",
    }


@every
def test_every_form_field_is_a_column_that_a_record_has(app: Flask, session: Any, entity: Entity) -> None:
    screen = screen_of(entity)
    columns = {each.key for each in inspect(screen.model).column_attrs} | set(screen.secrets) | parts_of_columns(screen)
    fields = [each for each in form_fields(app, screen) if not isinstance(each, FieldList)]
    assert {each.name for each in fields} - {"version", "seen", "csrf_token"} <= columns


@every
def test_every_field_is_in_one_group(app: Flask, session: Any, entity: Entity) -> None:
    screen = screen_of(entity)
    grouped = [name for group in screen.form.groups for name in group.names]
    assert len(set(grouped)) == len(grouped)
    fields = [each.name for each in form_fields(app, screen) if not isinstance(each, FieldList)]
    assert set(fields) - {"version", "seen", "csrf_token"} <= set(grouped)


@every
def test_every_text_has_a_limit(app: Flask, session: Any, entity: Entity) -> None:
    hidden = {"version", "seen", "csrf_token"}
    texts = [each for each in form_fields(app, screen_of(entity)) if isinstance(each, StringField)]
    assert [each.name for each in texts if each.name not in hidden and not limits(each)] == []


def limits(field: Any) -> list[Length]:
    return [each for each in field.validators if isinstance(each, Length) and each.max > 0]


@every
def test_every_field_says_which_way_it_travels(app: Flask, session: Any, entity: Entity) -> None:
    screen = screen_of(entity)
    names = [each.name for each in form_fields(app, screen) if not isinstance(each, FieldList)]
    unmarked = set(names) - set(screen.marks) - {"version", "seen", "csrf_token", "losses_accepted"}
    assert unmarked == set()
    assert set(screen.marks.values()) <= set(MARKS.values())


@every
def test_its_pages_render_when_there_is_nothing_yet(manager: FlaskClient, entity: Entity) -> None:
    address = f"/{screen_of(entity).plural.replace('_', '-')}"
    assert [manager.get(address + rest).status_code for rest in ("", ".csv", "/new")] == [200, 200, 200]


@every
def test_an_empty_form_is_answered_with_its_errors(manager: FlaskClient, entity: Entity) -> None:
    response = manager.post(f"/{screen_of(entity).plural.replace('_', '-')}/new", data={})
    assert response.status_code == 422
    assert "Not saved yet" in response.text


@every
def test_every_related_list_takes_the_parent_as_its_filter(app: Flask, entity: Entity) -> None:
    by_plural = {screen_of(each).plural: screen_of(each) for each in WITH_PAGES}
    for related in screen_of(entity).related:
        their = by_plural[related.plural]
        assert related.parent in {each.name for each in their.filters}
        assert set(related.columns) <= {column.name for column in their.columns}
        with app.test_request_context():
            assert url_for(f"{related.plural}.new")
