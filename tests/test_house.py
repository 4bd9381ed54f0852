"""The rules of the house that the import contracts can't say."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.resources import resource_root

PORTAL = Path(__file__).parent.parent / "portal"

# Which files may say it: a save is one commit, made where a request or a job is; the client alone speaks HTTP.
RULES = {
    "session.commit(": {
        *("accounts", "entities/bills/files.py", "entities/bills/recurring.py", "entities/bills/views.py"),
        "entities/bill_payments/views.py",
        "entities/leases/views.py",
        "entities/work_orders/views.py",
        *("entities/tasks/files.py", "entities/tasks/jobs.py", "entities/tasks/views.py"),
        *("entities/ownerships/views.py", "operations", "sync", "web/views.py", "webhooks"),
    },
    "import httpx": {"buildium", "sandbox"},
    "from rq": {"queues.py", "sync/jobs.py", "sync/worker.py"},
    "except Exception": set(),
}


@pytest.mark.parametrize("words", RULES)
def test_only_these_places_may_say_it(words: str) -> None:
    found = {path for path in PORTAL.rglob("*.py") if words in path.read_text()}
    allowed = tuple(PORTAL / place for place in RULES[words])
    strangers = [str(path.relative_to(PORTAL)) for path in found if not path.is_relative_to(PORTAL / "sandbox")]
    assert [each for each in strangers if not any((PORTAL / each).is_relative_to(place) for place in allowed)] == []


def test_every_package_begins_empty() -> None:
    """The big import cycles of Flask projects all run through an __init__.py that isn't."""
    assert [path for path in PORTAL.rglob("__init__.py") if path.read_text().strip()] == []


def test_templates_and_static_files_are_found_from_a_checkout() -> None:
    assert (resource_root() / "templates" / "base.html").is_file()
