"""The columns by which people and places are reached; the same names in every table of the seeds."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import str20, str100


class Addressed:
    """A postal address. `country` holds Buildium's word for it (MAPPING §2, COUNTRY)."""

    address_line1: Mapped[str100 | None]
    address_line2: Mapped[str100 | None]
    address_line3: Mapped[str100 | None]
    city: Mapped[str100 | None]
    state: Mapped[str100 | None]
    postal_code: Mapped[str20 | None]
    country: Mapped[str100 | None]


class Reachable:
    """The four phone numbers that Buildium accepts, and those that it shows but does not take back (MAPPING §2.1)."""

    phone_home: Mapped[str20 | None]
    phone_work: Mapped[str20 | None]
    phone_mobile: Mapped[str20 | None]
    phone_fax: Mapped[str20 | None]
    extra_phones: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
