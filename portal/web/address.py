"""The address part of a form, and the rule about states (MAPPING §2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app
from wtforms import Field, ValidationError

from portal.web.fields import CodeField, line
from portal.web.forms import Group
from portal.words import COUNTRIES, is_region

PARTS = ("address_line1", "address_line2", "address_line3", "city", "state", "postal_code", "country")
STATE_HINT = "In the US and Canada a name or an abbreviation, such as OR or Oregon."


def region_of(country: str) -> Callable[[Any, Field], None]:
    """A validator: the state must be one of the country that the field `country` names."""

    def check(form: Any, field: Field) -> None:
        if not is_region(form[country].data or "", field.data or ""):
            words = COUNTRIES[form[country].data]
            raise ValidationError(f"“{field.data}” is no state or province of {words}. Use its name or abbreviation.")

    return check


def own_country() -> str:
    country: str = current_app.extensions["settings"].country
    return country


class AddressFields:
    address_line1 = line("Address line 1")
    address_line2 = line("Address line 2")
    address_line3 = line("Address line 3")
    city = line("City")
    state = line("State", 100, region_of("country"), hint=STATE_HINT)
    postal_code = line("Postal code", 20)
    country = CodeField("Country", COUNTRIES, default=own_country)


def address_group(hint: str = "") -> Group:
    return Group("Address", PARTS, hint)
