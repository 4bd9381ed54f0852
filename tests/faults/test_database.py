"""PostgreSQL restarts or is killed, while people work and workers push."""

from __future__ import annotations

import os
import signal
from uuid import uuid4

import httpx
import pytest

from tests.faults.site import SYNCED, Site
from tests.system.person import Page
from tests.waiting import wait_until

pytestmark = pytest.mark.slow


@pytest.mark.fault(7)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "restarted"])
def test_without_its_database_the_portal_shows_one_clean_page_and_comes_back_by_itself(
    site: Site, how: signal.Signals
) -> None:
    """The database goes while Buildium has just carried a create out, and while somebody is about to save."""
    name = f"Database {uuid4().hex[:8]}"
    workers = [site.pid("worker-people"), site.pid("worker-bulk"), site.pid("scheduler")]
    web = site.web_processes()
    form = site.person.get(f"{site.house}/edit").fields()
    site.fault("commit_then_hold", method="POST", path="/v1/rentals")
    home = site.new_property(name)
    site.held()
    with site.nothing_restarts():
        postgres = site.pid("postgres")
        os.kill(postgres, how)
        wait_until(lambda: not site.is_ready(), 20, "the database to be gone")
        assert httpx.get(f"{site.portal.address}/readyz", timeout=20).status_code == 503
        shown = site.person.http.get(home)
        saved = site.person.http.post(f"{site.house}/edit", data={**form, "name": "Lost"}, headers=referer(site))
        for page in (shown, saved):
            assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
            assert "The portal is resting for a moment" in Page(page).text
            assert "Nothing was saved. Try again." in Page(page).text
            assert "psycopg" not in page.text
        site.release()
    wait_until(lambda: site.person.http.get(home).status_code == 200, 30, "the pages to be back")
    site.leases_end()
    site.wait_for(home, SYNCED)
    assert (len(site.there(name)), site.sent(name, "POST")) == (1, 1)
    assert "Lost" not in site.says(site.house)
    site.rename(f"Saved {name}")
    site.wait_for(site.house, SYNCED)
    assert site.sent(f"Saved {name}") == 1
    assert [site.pid("worker-people"), site.pid("worker-bulk"), site.pid("scheduler")] == workers
    assert site.web_processes() == web


@pytest.mark.fault(7)
def test_a_save_whose_connection_was_cut_meanwhile_is_saved(site: Site) -> None:
    name = f"Cut {uuid4().hex[:8]}"
    form = site.person.get(f"{site.house}/edit").fields()
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where starts_with(application_name, 'portal ')"
    assert site.query(cut)
    assert site.person.post(f"{site.house}/edit", {**form, "name": name}).response.status_code == 200
    site.wait_for(site.house, SYNCED)
    assert site.sent(name) == 1


def referer(site: Site) -> dict[str, str]:
    return {"referer": str(site.person.http.base_url)}
