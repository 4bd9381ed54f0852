"""The mapping tables against Buildium's messages: nothing is named that isn't there, and no PUT erases anything."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from sqlalchemy import String, inspect

from portal.entities.bank_accounts.mapping import PRINTING
from portal.registry import RESOURCES
from portal.sync.resource import Direction, Field, Resource
from tests.contract.schemas import Document, Place


@dataclass(frozen=True)
class Part(Field):
    """A field of the parts of a list, at its place in the whole message."""

    inside: str = ""
    model: Any = None
    names_it: bool = False  # Buildium's name of the part, which an update repeats

    @property
    def in_update(self) -> bool:
        return self.names_it or super().in_update


def flat(resource: Resource) -> Resource:
    """The resource with the parts of its lists among its fields."""
    found: list[Field] = []
    for item in resource.fields:
        if item.items is None or callable(item.read):
            found.append(item)
            continue
        for each in item.items.fields:
            facts = {field.name: getattr(each, field.name) for field in fields(Field)}
            read = f"{item.read or item.remote}.{each.read or each.remote}" if not callable(each.read) else each.read
            is_key = each.name == item.items.key
            direction = Direction.PULL if is_key else each.direction
            place: dict[str, Any] = {"remote": f"{item.remote}.{each.remote}", "read": read, "direction": direction}
            place["names_it"] = is_key and item.in_update
            found.append(Part(**{**facts, **place}, inside=item.remote, model=item.items.model))
    return replace(resource, fields=tuple(found))


def described() -> list[Any]:
    """Every resource at every place of Buildium's where it is."""
    found = []
    for resource in RESOURCES.ordered:
        for each in places_of(resource):
            kind = each.tag.get(resource.kinds.key) if resource.kinds else None
            found.append(pytest.param(flat(each), id=f"{resource.name} {kind}" if kind else resource.name))
    return found


def places_of(resource: Resource) -> list[Resource]:
    return [resource.of_kind(kind) for kind in (resource.kinds.paths if resource.kinds else [None])]


def lists_of(resource: Resource) -> frozenset[str]:
    return frozenset(item.inside for item in resource.fields if isinstance(item, Part))


EVERY = pytest.mark.parametrize("resource", described())

# A PUT without them would erase what Buildium has; each has a reason to be missing all the same.
NOT_CARRIED: dict[tuple[str, str], str] = {
    ("task", "Message"): "a note for one update, which an errand adds",
    ("task_history", "Message"): "the only value of its PUT, which an errand of the task sends",
    ("work_order", "EntryContactId"): "the old way to say what EntryContactIds says",
}
# Only a create may have them, and ours leaves them out.
NOT_CREATED_WITH = {
    ("property", "RentalOwnerIds"): "owners come after their property and bring the link along (MAPPING §0.1)",
    ("property", "Units"): "sent as children, see Resource.children",
    **{
        ("bank_account", f"CheckPrintingInfo.{key}"): "set up in Buildium, whose defaults a new account gets"
        for key in PRINTING
    },
}
NOT_CREATED_WITH |= {
    ("task", "ShareWithRentalOwners"): "no page of ours asks for it; Buildium's own default is to share with nobody",
    ("task", "ShareWithBoardMembers"): "for associations only (MAPPING §4.13)",
}
NOT_CREATED_WITH |= {
    ("work_order", "EntryContactId"): "the old way to say what EntryContactIds says",
    **{
        ("work_order", f"Task.{key}"): "the task is made first, and named by its id (MAPPING §4.17)"
        for key in ("Title", "DueDate", "Priority", "Status", "PropertyId", "UnitId", "AssignedToUserId")
    },
}
NOT_CREATED_WITH |= {
    ("tenant", "LeaseId"): "written by Resource.request: an answer lists all leases, not the first one",
    ("lease", "Tenants"): "sent as children, see Resource.children",
    ("lease", "TenantIds"): "sent as children, see Resource.children",
    ("lease", "ApplicantIds"): "the portal keeps no applicants",
    ("lease", "Cosigners"): "the portal keeps no cosigners",
    **{
        ("lease", name): "said once, by Resource.request: no answer repeats it"
        for name in (
            *("Rent.Cycle", "Rent.Charges", "SecurityDeposit.DueDate", "SecurityDeposit.Amount"),
            *("ProratedFirstMonthRent", "ProratedLastMonthRent", "SendWelcomeEmail"),
        )
    },
}
# A vendor's details on tax forms are kept through every update, and entered at Buildium.
VENDOR_TAX_DETAILS = ("TaxPayerName1", "TaxPayerName2", *(
    f"Address.{part}"
    for part in ("AddressLine1", "AddressLine2", "AddressLine3", "City", "State", "PostalCode", "Country")
))  # fmt: skip
NOT_CREATED_WITH |= {
    ("vendor", f"TaxInformation.{name}"): "no page of ours asks for it; what Buildium has is carried"
    for name in VENDOR_TAX_DETAILS
}
NOT_CREATED_WITH |= {
    ("bill_payment", "Lines"): "made of the lines of the bill that it pays, see its `request`",
    ("bill_payment", "VendorCreditIds"): "the portal keeps no credits of vendors",
}
# Required by one message only, which we don't send.
NOT_REQUIRED = {
    **{
        ("vendor", f"Address.{part}"): "a vendor needs no address; a part of one is refused by its check"
        for part in ("AddressLine1", "PostalCode", "Country")
    },
    **{
        ("tenant", f"AlternateAddress.{part}"): "optional as a whole; a part of one is refused by its check"
        for part in ("AddressLine1", "PostalCode", "Country")
    },
    ("bill", "Lines.AccountingEntity.Id"): "a line of the company has none that we could send, which its check says",
    **{
        ("bill", f"Lines.Markup.{part}"): "a line needs no markup; half of one is refused by its check"
        for part in ("Amount", "Type")
    },
    ("vendor", "TaxInformation.IncludeIn1099"): "goes with every tax id, see the mapping; without one there is none",
}
# Enum values that stand for “nothing”, which our side says with NULL.
EMPTY_CHOICES = {"NotSet", "Unknown", "None"}
# Where one of those is said like any other value, because Buildium requires one.
SAID_AS_WELL = {"EntryAllowed"}
# Vocabularies that a conversion checks instead of a set of choices.
CONVERTED = {"UnitBedrooms", "UnitBathrooms"}


def put_places(document: Document, resource: Resource) -> dict[str, Place]:
    return document.request(document.item_path(resource.path), "put", lists_of(resource))


def post_places(document: Document, resource: Resource) -> dict[str, Place]:
    return document.request(resource.path, "post", lists_of(resource))


def covered(path: str, fields: list[Field]) -> bool:
    """Whether a field is mapped at this place, or at the object that holds it."""
    return any(path == item.remote or path.startswith(item.remote + ".") for item in fields if item.remote)


def sends_nothing(document: Document, resource: Resource) -> bool:
    return not (put_places(document, resource) or post_places(document, resource))


@EVERY
def test_a_put_carries_every_value_that_it_would_otherwise_erase(document: Document, resource: Resource) -> None:
    sent = [item for item in resource.fields if item.in_update]
    leaves = {path for path, place in put_places(document, resource).items() if place.is_leaf}
    erased = {path for path in leaves if not covered(path, sent)}
    excused = {path for name, path in NOT_CARRIED if name == resource.name and path in leaves}
    assert erased == excused


@EVERY
def test_a_create_can_say_all_that_buildium_takes(document: Document, resource: Resource) -> None:
    sent = [item for item in resource.fields if item.in_create]
    places = post_places(document, resource)
    unsaid = {path for path, place in places.items() if place.is_leaf and not covered(path, sent)}
    excused = {path for name, path in NOT_CREATED_WITH if name == resource.name and path in places}
    assert unsaid == excused


@EVERY
def test_every_place_we_write_to_exists_in_the_message_that_writes_it(document: Document, resource: Resource) -> None:
    put, post = put_places(document, resource), post_places(document, resource)
    for item in resource.fields:
        if item.in_update:
            assert item.remote in put, f"{item.remote} is in no PUT"
        if item.in_create:
            assert item.remote in post, f"{item.remote} is in no POST"
        if item.direction is Direction.CREATE:
            assert item.remote not in put, f"{item.remote} could be updated too"


@EVERY
def test_every_place_we_read_from_exists_in_the_answers(document: Document, resource: Resource) -> None:
    lists = lists_of(resource)
    answers = [document.answer(path, lists) for path in (resource.path, document.item_path(resource.path))]
    for item in resource.fields:
        beside = item.remote.partition(".")[0] in resource.more  # read at a path of its own
        if item.readable and not callable(item.read) and not beside:
            assert all((item.read or item.remote) in places for places in answers), item.remote


@EVERY
def test_what_we_call_write_only_is_in_no_answer(document: Document, resource: Resource) -> None:
    places = document.answer(resource.path, lists_of(resource))
    assert not [item.remote for item in resource.fields if item.direction is Direction.WRITE and item.remote in places]


@EVERY
def test_what_buildium_decides_alone_can_be_in_no_request(document: Document, resource: Resource) -> None:
    requests = put_places(document, resource) | post_places(document, resource)
    pulled = [item for item in resource.fields if item.direction is Direction.PULL and item.remote]
    pulled = [item for item in pulled if not item.in_update]
    assert not [item.remote for item in pulled if item.remote in requests]


@EVERY
def test_what_buildium_requires_is_required_here(document: Document, resource: Resource) -> None:
    excused = {path for name, path in NOT_REQUIRED if name == resource.name}
    for item in resource.fields:
        place = place_of(document, resource, item)
        if place and place.required and item.remote not in excused:
            assert item.required or never_empty(resource, item), f"{item.remote} is required, and ours may be empty"


@EVERY
def test_nothing_is_required_here_that_buildium_does_not_require(document: Document, resource: Resource) -> None:
    for item in resource.fields:
        place = place_of(document, resource, item)
        assert not (place and item.required and not place.required), item.remote


@EVERY
def test_lengths_are_buildiums(document: Document, resource: Resource) -> None:
    for item in resource.fields:
        place = place_of(document, resource, item)
        if place and resource.pushed:
            assert (item.longest, item.shortest or 1) == (place.longest, place.shortest), item.remote


@EVERY
def test_our_columns_hold_the_longest_text_buildium_may_answer(document: Document, resource: Resource) -> None:
    for item in resource.fields:
        place, column = place_of(document, resource, item), column_of(resource, item)
        if place and place.longest and column is not None and isinstance(column.type, String):
            assert column.type.length is None or column.type.length >= place.longest, item.remote


@EVERY
def test_vocabularies_are_buildiums(document: Document, resource: Resource) -> None:
    for item in resource.fields:
        place = place_of(document, resource, item)
        if place and place.choices and resource.pushed and item.remote not in CONVERTED:
            assert item.choices is not None, f"{item.remote} takes {sorted(place.choices)[:3]} … only"
            empty = set() if item.remote in SAID_AS_WELL else EMPTY_CHOICES
            assert item.choices == place.choices - empty, item.remote


def test_every_number_of_rooms_has_its_word(document: Document) -> None:
    from portal.sync.conversions import BATHROOMS, BEDROOMS

    places = document.request("/v1/rentals/units", "post")
    for remote, words in (("UnitBedrooms", BEDROOMS), ("UnitBathrooms", BATHROOMS)):
        assert set(words) == (places[remote].choices or frozenset()) - EMPTY_CHOICES


@EVERY
def test_every_filter_we_may_use_is_one_of_the_listings(document: Document, resource: Resource) -> None:
    filters = document.filters(resource.path)
    assert set(resource.query) <= filters
    assert resource.has_changed_filter == ("lastupdatedfrom" in filters)
    for key, path in filters_of_others(resource):
        assert key in document.filters(path)


def filters_of_others(resource: Resource) -> list[tuple[str, str]]:
    found = []
    if resource.children and resource.children.query:
        found.append((resource.children.query, RESOURCES.by_name[resource.children.resource].path))
    if resource.touches:
        key, name = resource.touches
        found.append((key, RESOURCES.by_name[name].path))
    return found


def test_children_travel_in_their_parents_create_as_in_their_own(document: Document) -> None:
    """What a unit's own POST takes, the units inside a property's POST take too, but for the property itself."""
    for resource in RESOURCES.ordered:
        if inline := resource.children:
            places = document.request(resource.path, "post")
            items = document.places(places[inline.remote].schema["items"])
            child = RESOURCES.by_name[inline.resource]
            sent = {item.remote for item in child.fields if item.in_create} - {inline.parent}
            assert sent <= set(items)
            assert {path for path, place in items.items() if place.is_leaf} <= sent
            assert inline.at_most == places[inline.remote].schema["x-maxItems"]
            assert inline.parent in document.request(child.path, "post")


@EVERY
def test_a_flag_that_requests_of_their_own_change_is_not_part_of_the_put(
    document: Document, resource: Resource
) -> None:
    item = document.item_path(resource.path)
    commands = {path for path in document.paths if path.startswith(item + "/") and path.endswith("activationrequest")}
    switched = {each.remote for each in resource.fields if each.direction is Direction.SWITCH}
    assert ("IsActive" in switched) == bool(commands)


@EVERY
def test_the_permission_named_to_people_is_the_one_buildium_asks_for(document: Document, resource: Resource) -> None:
    for path in (resource.path, document.item_path(resource.path)):
        for method, operation in document.paths[path].items():
            if method == "get" or resource.pushed:
                named = {each.rpartition(":")[0] for each in operation["x-required-permissions"]}
                # Two of them where reading and writing need different ones.
                assert any(each in resource.permission for each in named), f"{method} {path} needs {named}"


@EVERY
def test_secrets_are_named_as_buildium_names_them(document: Document, resource: Resource) -> None:
    known = {*document.answer(resource.path), *post_places(document, resource)}
    assert resource.secrets <= {path.rpartition(".")[2] for path in known}


def test_every_exception_is_still_one(document: Document) -> None:
    for name, path in [*NOT_CARRIED, *NOT_REQUIRED]:
        assert any(path in put_places(document, flat(each)) for each in places_of(RESOURCES.by_name[name]))
    for name, path in NOT_CREATED_WITH:
        assert any(path in post_places(document, each) for each in places_of(RESOURCES.by_name[name]))


def place_of(document: Document, resource: Resource, item: Field) -> Place | None:
    """What the document says about a field that we send, in the PUT where it is there."""
    places = post_places(document, resource) | put_places(document, resource)
    return places.get(item.remote) if item.name and (item.in_update or item.in_create) else None


def never_empty(resource: Resource, item: Field) -> bool:
    column = column_of(resource, item)
    return column is not None and not column.nullable and not isinstance(column.type, String)


def column_of(resource: Resource, item: Field) -> Any:
    """The column behind a field; None for a relationship, a set or a sealed value."""
    attribute = inspect(item.model if isinstance(item, Part) else resource.model).all_orm_descriptors.get(
        item.name or ""
    )
    return getattr(getattr(attribute, "property", None), "columns", [None])[0]
