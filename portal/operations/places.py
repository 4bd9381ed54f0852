"""Where in the portal a person finds a record that the sync speaks of, and the field that an error names."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_request_context, url_for

from portal.sync.current import current_sync
from portal.sync.resource import Field
from portal.web.access import Permission, may
from portal.web.screen import Screen
from portal.web.screens import screens


def screen_of(entity_type: str) -> Screen | None:
    return next((each for each in screens().values() if each.singular == entity_type), None)


def record_url(entity_type: str, entity_id: str, view: str = "show", anchor: str | None = None) -> str | None:
    """The page of the record, or its edit page; None where the portal has none for it, or nobody asks for a page."""
    screen = screen_of(entity_type)
    endpoint = f"{screen.plural}.{view}" if screen else ""
    if endpoint not in current_app.view_functions or not has_request_context():
        return None
    return url_for(endpoint, record_id=entity_id, _anchor=anchor)


def field_named(entity_type: str, key: str) -> Field | None:
    """The field that an error means by our name, or by Buildium's with or without its path."""
    resource = current_sync().resources.by_name.get(entity_type)
    fields = [item for item in resource.fields if item.name] if resource else []
    wanted = key.removeprefix("$.").lower()
    exact = [item for item in fields if wanted in (item.name, item.remote.lower())]
    last = [item for item in fields if item.remote.rpartition(".")[2].lower() == wanted.rpartition(".")[2]]
    return next(iter(exact + last), None)


def errors(row: Any) -> list[tuple[str, str, str | None]]:
    """(field in our words, what is wrong with it, where to correct it) of what was found or Buildium said."""
    found = []
    for each in row.error_fields or ():
        key = str(each.get("field", ""))
        item = field_named(row.entity_type, key)
        url = record_url(row.entity_type, row.entity_id, "edit", anchor=item.name) if item else None
        found.append((item.words if item else key, str(each.get("message", "")), url))
    return found


def fix_url(row: Any, state: str) -> str | None:
    """The field to correct where one is named and this person may; otherwise the sync's page about the record."""
    if not has_request_context():
        return None
    named = next((field_named(row.entity_type, str(each.get("field", ""))) for each in row.error_fields or ()), None)
    if named and state in ("blocked", "failed") and may(Permission.EDIT_RECORDS):
        edit = record_url(row.entity_type, row.entity_id, "edit", anchor=named.name)
        if edit:
            return edit
    return url_for("operations.record", row_id=row.id) if may(Permission.VIEW_SYNC) else None
