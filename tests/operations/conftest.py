"""People who are signed in at the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.people import sign_in

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.fixture
def staff(client: FlaskClient) -> FlaskClient:
    """A browser in which somebody is signed in who may operate the sync."""
    sign_in(client, "staff")
    return client
