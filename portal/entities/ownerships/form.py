"""Who owns how much of what: a form of its own, and lines inside the forms of new properties and owners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wtforms import BooleanField, Form, FormField

from portal.entities.ownerships.queries import TOO_MUCH, shares_of_others
from portal.web.fields import PercentField
from portal.web.forms import Group, RecordForm
from portal.web.record_field import RecordField

SAME = "Empty: the same as the ownership."


class OwnershipForm(RecordForm):
    groups = (
        Group("Who owns what", ("property_id", "owner_id"), "The tie between the two is sent to Buildium."),
        Group(
            "Shares",
            ("ownership_percentage", "disbursement_percentage", "primary"),
            "Buildium’s interface has no percentages, so these are kept here only.",
        ),
    )

    property_id = RecordField("Property", "properties", required="Choose the property.")
    owner_id = RecordField("Owner", "owners", required="Choose the owner.")
    ownership_percentage = PercentField("Ownership")
    disbursement_percentage = PercentField("Disbursement", description=SAME)
    primary = BooleanField("Primary owner", description="The one to talk to first.")

    def adapt(self) -> None:
        if self.record:
            del self.property_id, self.owner_id

    def checks(self) -> Iterator[tuple[str, str]]:
        """The shares of one property stay within a hundred."""
        its_property = self.record.property if self.record else self.property_id.chosen
        if its_property is None:
            return
        others = shares_of_others(its_property, self.record)
        for name, so_far in zip(("ownership_percentage", "disbursement_percentage"), others, strict=True):
            share = self[name].data
            if share is not None and so_far + share > 100:
                yield name, TOO_MUCH.format(others=so_far, left=100 - so_far)

    def fill(self, record: Any) -> None:
        super().fill(record)
        if not self.record:
            # As objects too, not only ids: the owner is what is sent to Buildium, with the tie that it has now.
            record.owner, record.property = self.owner_id.chosen, self.property_id.chosen
        if record.disbursement_percentage is None:
            record.disbursement_percentage = record.ownership_percentage


class OwnerLine(Form):
    """One owner of a new property."""

    owner_id = RecordField("Owner", "owners")
    ownership_percentage = PercentField("Ownership")
    disbursement_percentage = PercentField("Disbursement", description=SAME)


class PropertyLine(Form):
    """One property of a new owner."""

    property_id = RecordField("Property", "properties")
    ownership_percentage = PercentField("Ownership")
    disbursement_percentage = PercentField("Disbursement", description=SAME)


class LineField(FormField):  # type: ignore[type-arg]
    """A line; one without a record in its first field is left out."""

    @property
    def record(self) -> Any:
        first: Any = next(iter(self.form))
        return first.chosen

    def shares(self) -> dict[str, Any]:
        ownership = self.form["ownership_percentage"].data
        disbursement = self.form["disbursement_percentage"].data
        return {
            "ownership_percentage": ownership,
            "disbursement_percentage": ownership if disbursement is None else disbursement,
        }


def line_problems(lines: Any, name: str, shared: bool) -> Iterator[tuple[str, str]]:
    """(name of the list, message): the same record twice, and, where the lines are of one property, more than 100 %."""
    filled = [entry for entry in lines if entry.record]
    if len({entry.record.id for entry in filled}) < len(filled):
        yield name, "The same one is listed twice."
    for share in ("ownership_percentage", "disbursement_percentage") if shared else ():
        total = sum(entry.shares()[share] or 0 for entry in filled)
        if total > 100:
            what = share.removesuffix("_percentage").capitalize()
            yield name, f"{what} adds up to {total}%, more than 100%."
