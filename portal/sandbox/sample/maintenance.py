"""Tasks of all four kinds with their histories, and the work orders that came of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from portal.sandbox.collection import Values
from portal.sandbox.resources.task_categories import task_category_values
from portal.sandbox.resources.task_history import history_values
from portal.sandbox.resources.tasks import task_values
from portal.sandbox.resources.work_orders import item_values, work_order_values
from portal.sandbox.sample.draft import Draft
from portal.sandbox.sample.estate import Estate
from portal.sandbox.sample.stories import Story, stories
from portal.sandbox.sample.trades import TASK_CATEGORIES, TRADES
from portal.sandbox.sample.vendors import Vendors

_SYSTEM_CATEGORIES = 3
_LONGEST_DAY = 540

Categories = dict[tuple[str, str], tuple[int, int | None]]


@dataclass(frozen=True)
class Job:
    """A drafted work order, for its bill: what it was for, and the day on which it was finished, if it is."""

    order_id: int
    vendor_id: int
    property_id: int
    unit_id: int | None
    title: str
    items: list[Values]
    done: date | None


def add_maintenance(draft: Draft, random: Random, estate: Estate, vendors: Vendors) -> list[Job]:
    """Draft everything, ids by time, and return the work orders."""
    categories = _add_categories(draft)
    told = [
        (_add_task(draft, random, story, categories), story)
        for story in stories(random, estate, draft.past, draft.today)
    ]
    _add_histories(draft, told)
    return _add_orders(draft, random, estate, vendors, told)


def _add_categories(draft: Draft) -> Categories:
    """The ids of each category, and of each with a sub category."""
    ids: Categories = {}
    sub_id = 1
    for number, (name, sub_names) in enumerate(TASK_CATEGORIES):
        nested = {sub_id + offset: sub_name for offset, sub_name in enumerate(sub_names)}
        sub_id += len(nested)
        values = task_category_values(name, is_system=number < _SYSTEM_CATEGORIES, sub_categories=nested)
        category_id = draft.add("task_categories", values)
        ids[name, ""] = category_id, None
        ids.update({(name, sub_name): (category_id, each) for each, sub_name in nested.items()})
    return ids


def _add_task(draft: Draft, random: Random, story: Story, categories: Categories) -> int:
    category_id, sub_category_id = categories[story.category]
    story.fields |= {"CategoryId": category_id, "SubCategoryId": sub_category_id, "Priority": story.priority}
    story.fields["DueDate"] = story.due.isoformat() if story.due else None
    moments = _moments(draft, story)
    return draft.add("tasks", _standing(story, len(story.steps) - 1), moments[0], moments[-1])


def _standing(story: Story, step: int) -> Values:
    """The values of the task after so many steps."""
    assignee = story.manager if story.assigned or step else None
    fields = {**story.fields, "TaskStatus": story.steps[step].status, "AssignedToUserId": assignee}
    return task_values(story.kind, story.title, **fields)


def _moments(draft: Draft, story: Story) -> list[datetime]:
    """One for each step; those of one day follow each other within it."""
    return [draft.moment(step.day, number * 130 + story.manager % 60) for number, step in enumerate(story.steps)]


def _add_histories(draft: Draft, told: list[tuple[int, Story]]) -> None:
    entries: list[tuple[datetime, int, int, Values]] = []
    for task_id, story in told:
        for number, moment in enumerate(_moments(draft, story)):
            step = story.steps[number]
            user_type, person_id = step.by
            by = {"CreatedByType": user_type, "CreatedById": person_id, "LastUpdatedById": story.manager}
            values = history_values(task_id, _standing(story, number), step.message, **by)
            entries.append((moment, task_id, number, values))
    for moment, _, _, values in sorted(entries, key=lambda entry: entry[:3]):
        draft.add("task_history", values, moment)


def _add_orders(
    draft: Draft, random: Random, estate: Estate, vendors: Vendors, told: list[tuple[int, Story]]
) -> list[Job]:
    """A work order a day or so after the task was taken up, for every story with a trade that has come so far."""
    sent = []
    for task_id, story in told:
        if story.trade and len(story.steps) > 1:
            last = story.done or draft.today - timedelta(days=1)
            day = min(story.steps[1].day + timedelta(days=random.randint(0, 1)), last)
            sent.append((draft.moment(day, 300 + random.randrange(60)), task_id, story))
    jobs = []
    for moment, task_id, story in sorted(sent, key=lambda order: order[:2]):
        vendor_id = random.choice(vendors[story.trade])
        items = _items(random, estate, story)
        values = work_order_values(vendor_id=vendor_id, task_id=task_id, **_order_fields(random, story, items))
        changed = draft.moment(story.done, _LONGEST_DAY - 1) if story.done else moment
        order_id = draft.add("work_orders", values, moment, changed)
        place = story.fields["PropertyId"], story.fields["UnitId"]
        jobs.append(Job(order_id, vendor_id, *place, story.title, items, story.done))
    return jobs


def _items(random: Random, estate: Estate, story: Story) -> list[Values]:
    """Hours and what was built in, in prices that multiply to whole cents; of unfinished work often nothing yet."""
    if story.done is None and random.random() < 0.5:
        return []
    trade = TRADES[story.trade]
    account = estate.accounts[trade.account]
    items = [item_values(random.randint(2, 16) / 2, float(trade.hourly), account, "Labor")]
    if story.material and random.random() < 0.8:
        items.append(item_values(1.0, random.randint(900, 24_000) / 100, account, story.material))
    if random.random() < 0.3:
        items.append(item_values(1.0, 35.0, account, "Trip charge"))
    return items


def _order_fields(random: Random, story: Story, items: list[Values]) -> Values:
    asked_by, person_id = story.fields.get("RequestedByType"), story.fields.get("RequestedById")
    tenant = {"Id": person_id, "Type": "RentalTenant"} if asked_by == "RentalTenant" else None
    may_enter = story.fields.get("IsEntryPermittedByResident")
    return {
        "Title": story.title if random.random() < 0.8 else f"{TRADES[story.trade].category}: {story.title}"[:127],
        "WorkDetails": story.fields.get("Description") or f"{story.title}, as every year.",
        "EntryAllowed": {True: "Yes", False: "No", None: "Unknown"}[may_enter],
        "EntryNotes": story.fields.get("ResidentEntryNotes"),
        "VendorNotes": random.choice(
            (None, None, "Send the invoice with our order number.", "Key is in the lock box.")
        ),
        "ChargeableTo": random.choice((None, None, None, "Owner", "Resident")),
        "EntryContacts": [tenant or {"Id": story.manager, "Type": "Staff"}],
        "InvoiceNumber": f"{random.randint(1000, 99_999)}" if story.done and items else None,
        "LineItems": items,
    }
