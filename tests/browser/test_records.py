"""What people do with records all day, in a real browser, until Buildium has it."""

from __future__ import annotations

from sqlalchemy import select

from portal.entities.properties.model import Property
from portal.extensions import db
from tests.browser.conftest import Visit
from tests.browser.stage import Stage, any_account, buildium_says, house_of
from tests.browser.visitor import Visitor
from tests.people import PASSWORD
from tests.records import ADDRESS, owner_of
from tests.waiting import wait_until

MATCHES = "Matches Buildium as of"


def test_the_main_task(visit: Visit, stage: Stage) -> None:
    """Sign in, open a property from the list, change its name, save, and see that Buildium has it."""
    house = house_of(stage, "Before")
    person, me = stage.person("staff"), visit()
    me.go("/")
    me.fill(email=person.email, password=PASSWORD)
    me.press("Sign in")
    me.page.locator("nav").get_by_role("link", name="Properties").click()
    me.follow("Before")
    me.follow("Edit")
    me.fill(name="After – “Hafen” & Söhne")
    me.press("Save property")
    assert me.heading == "After – “Hafen” & Söhne"
    assert me.page.get_by_role("status").inner_text() == "Property “After – “Hafen” & Söhne” saved."
    # The badge is drawn by the server: it follows at the next load of any page, and is often there already.
    me.reload_until(MATCHES)
    assert buildium_says(stage, house)["Name"] == "After – “Hafen” & Söhne"
    assert "After – “Hafen” & Söhne" in me.page.locator("#timeline").inner_text()
    assert person.name in me.page.locator("#timeline").inner_text()


def test_a_new_property_with_a_unit_and_an_owner_with_a_share(visit: Visit, stage: Stage) -> None:
    me = visit("manager")
    with stage.inside():
        account = any_account()
    me.go("/properties")
    me.follow("New property")
    me.fill(name="Lighthouse Court", rental_sub_type="MultiFamily", operating_bank_account_id=str(account.id))
    me.fill(**ADDRESS, reserve="1,250.50", year_built="1904")
    me.press("Save property")
    me.reload_until(MATCHES)
    me.follow("Add unit")
    me.fill(unit_number="PH 1", unit_bedrooms="2", unit_bathrooms="1.5", unit_size="940", market_rent="$2,150")
    me.press("Save unit")
    me.reload_until(MATCHES)
    me.go("/owners/new")
    me.fill(first_name="Ada", last_name="Lovelace", **ADDRESS)
    choose_property(me, "Lighthouse Court")
    me.page.locator('[name="properties-0-ownership_percentage"]').fill("62.5")
    me.press("Save owner")
    me.reload_until(MATCHES)
    assert "62.5%" in me.text()
    me.follow("Lighthouse Court")
    assert "Ada Lovelace" in me.text()
    assert "PH 1" in me.text()
    with stage.inside() as live:
        house = db.session.scalars(select(Property).where(Property.name == "Lighthouse Court")).one()
        there = live.get(f"/v1/rentals/{house.buildium_property_id}")
        units = live.http.get("/v1/rentals/units", params={"propertyids": house.buildium_property_id}).json()
        owners = live.http.get("/v1/rentals/owners", params={"propertyids": house.buildium_property_id}).json()
    assert (there["Reserve"], there["YearBuilt"]) == (1250.5, 1904)
    # Without units Buildium makes one of its own, “1”; the second one is ours.
    assert {(each["UnitNumber"], each["MarketRent"]) for each in units} == {("1", None), ("PH 1", 2150)}
    assert [each["LastName"] for each in owners] == ["Lovelace"]


def test_two_people_edit_the_same_property_and_nothing_is_lost(visit: Visit, stage: Stage) -> None:
    house = house_of(stage, "Shared House")
    mine, other = visit("staff"), visit("staff")
    for each in (mine, other):
        each.go(f"/properties/{house}/edit")
    other.fill(name="Their name", year_built="1950")
    other.press("Save property")
    mine.fill(name="My name", structure_description="Brick, with a slate roof")
    with mine.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        mine.press("Save property")
    assert answer.value.status == 409
    assert mine.heading == "Their name changed while you were editing"
    rows = mine.page.get_by_role("table").get_by_role("row")
    told = {row.get_by_role("rowheader").inner_text(): row.inner_text() for row in rows.all()[1:]}
    assert "My name" in told["Name"]
    assert "Their name" in told["Name"]
    assert "1950" in told["Year built"]
    assert "slate roof" in told["Description"]
    assert mine.page.locator('[name="year_built"]').input_value() == "1950"
    mine.press("Save property")
    assert mine.heading == "My name"
    assert "1950" in mine.text()
    assert "slate roof" in mine.text()
    mine.reload_until(MATCHES)
    there = buildium_says(stage, house)
    assert (there["Name"], there["YearBuilt"], there["StructureDescription"]) == (
        "My name",
        1950,
        "Brick, with a slate roof",
    )


def test_a_property_is_deactivated_only_after_the_page_that_asks(visit: Visit, stage: Stage) -> None:
    house = house_of(stage, "To be closed")
    me = visit("staff")
    me.go(f"/properties/{house}")
    me.follow("Deactivate")
    assert me.heading == "Deactivate To be closed?"
    assert "All of its units become inactive with it." in me.text()
    assert buildium_says(stage, house)["IsActive"] is True
    me.follow("Leave it as it is")
    me.follow("Deactivate")
    me.press("Deactivate")
    assert "To be closed is inactive now." in me.text()
    me.reload_until(MATCHES)
    assert buildium_says(stage, house)["IsActive"] is False
    me.follow("Reactivate")
    me.press("Reactivate")
    me.reload_until(MATCHES)
    assert buildium_says(stage, house)["IsActive"] is True


def test_a_tax_id_is_masked_until_a_manager_reveals_it_and_that_is_written_down(visit: Visit, stage: Stage) -> None:
    house = house_of(stage, "Taxed House")
    with stage.inside() as live:
        owner = owner_of(
            db.session.get_one(Property, house), company_name="Taxed LLC", tax_payer_id="98-7654321",
            tax_payer_type="EIN",
        )  # fmt: skip
        live.save(owner)
        owner_id = owner.id
        wait_until(lambda: live.state(owner) == "synced", 20)
    staff, manager = visit("staff"), visit("manager")
    for each in (staff, manager):
        each.go(f"/owners/{owner_id}")
        assert "98-7654321" not in each.page.content()
    assert staff.page.get_by_role("button", name="Reveal").count() == 0
    manager.press("Reveal")
    assert "98-7654321" in manager.text()
    manager.go(f"/owners/{owner_id}")
    assert "98-7654321" not in manager.page.content()
    assert "A hidden value was shown" in manager.page.locator("#timeline").inner_text()


def choose_property(me: Visitor, name: str) -> None:
    """In the first line of a new owner; a long list of properties is searched, a short one chosen from."""
    choice = me.page.locator('[name="properties-0-property_id"]')
    if choice.count() and choice.first.evaluate("field => field.tagName") == "SELECT":
        choice.select_option(label=name)
        return
    me.page.locator('[name="properties-0-property_id-sought"]').fill(name)
    me.press("Save owner")
    me.page.get_by_role("radio", name=name).check()
