"""What happened with each task, told in full before anything of it is drafted: who asked, what was done, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from portal.sandbox.collection import Values
from portal.sandbox.messages.enums import TaskType
from portal.sandbox.sample.estate import Estate, day_between
from portal.sandbox.sample.leases import Let
from portal.sandbox.sample.names import FIRST_NAMES, LAST_NAMES
from portal.sandbox.sample.trades import CHORES, CONTACT_WISHES, MAINTENANCE, OWNER_WISHES, PROBLEMS

# Of each kind so many in two years per hundred units.
_PER_HUNDRED: dict[TaskType, int] = {"ResidentRequest": 85, "Todo": 45, "RentalOwnerRequest": 10, "ContactRequest": 10}
_NEEDS_VENDOR = 0.68
_STALLED = 0.04
_LAST_WEEKS = 24
# How many days the work takes, from and to.
_WORK = ((1, 7), (8, 25), (26, 70))
_WORK_WEIGHTS = (60, 32, 8)
_DAYS_BY_PRIORITY = {"High": 2, "Normal": 7, "Low": 21}
_CALLED = ("Called back; somebody will come this week.", "Looked at it — needs a vendor.", "Rappelé, rendez-vous fixé.")
_DONE = (
    "Done and tested.",
    "Mended; everybody is happy.",
    "Finished. Invoice to follow.",
    "Fait, rien d'autre à dire.",
)


@dataclass(frozen=True)
class Step:
    """One entry of a history: how the task stood from that day on, and what was said by whom (user type and id)."""

    day: date
    status: str
    message: str | None
    by: tuple[str, int]


@dataclass
class Story:
    """One task. `trade` names who was sent for ('' for nobody), `done` the day on which the work was finished;
    `manager` has it from its second entry on, or from the first where `assigned` says so."""

    kind: TaskType
    title: str
    asked: date
    fields: Values
    category: tuple[str, str]
    manager: int
    asked_by: tuple[str, int]
    trade: str = ""
    material: str = ""
    assigned: bool = False
    priority: str = "Normal"
    due: date | None = None
    done: date | None = None
    steps: list[Step] = field(default_factory=list)


def stories(random: Random, estate: Estate, past: date, today: date) -> list[Story]:
    """Every task of the sample, oldest first. Nothing in it is of today or later but what is due."""
    lets = [let for let in estate.lets if let.has_active_property and let.until > past and let.start < today]
    told: list[Story] = []
    for kind, share in _PER_HUNDRED.items():
        for _ in range(max(2, round(len(estate.homes) * share / 100))):
            story = _asked(random, estate, lets, kind, _day(random, past, today))
            if story is not None:
                _tell(random, story, today)
                told.append(story)
    # The manager decides the minute of the day (`maintenance`), so it is part of the order.
    return sorted(told, key=lambda story: (story.asked, story.manager))


def _day(random: Random, past: date, today: date) -> date:
    """Any day of the past; one in ten is of the last weeks, so that there is something to do today."""
    first = today - timedelta(days=_LAST_WEEKS) if random.random() < 0.1 else past
    return day_between(random, first, today - timedelta(days=1))


def _asked(random: Random, estate: Estate, lets: Sequence[Let], kind: TaskType, day: date) -> Story | None:
    """The beginning of a story; None where nobody could have asked."""
    if kind == "ResidentRequest":
        return _resident(random, estate, random.choice(lets), day) if lets else None
    if not estate.active_homes:
        return None
    if kind == "RentalOwnerRequest":
        return _owner(random, estate, day)
    return _chore(random, estate, day) if kind == "Todo" else _contact(random, estate, day)


def _resident(random: Random, estate: Estate, let: Let, day: date) -> Story:
    tenant, problem = random.choice(let.tenant_ids), random.choice(PROBLEMS)
    # Somebody who lives there on that day; people who left before or came after ask within their own time.
    asked = min(max(day, let.start), let.until)
    fields = {
        "Description": problem.description,
        **_place(let.property_id, let.unit_id),
        "UnitAgreementId": let.lease_id,
        **_by("RentalTenant", tenant),
        "IsEntryPermittedByResident": random.random() < 0.7,
        "DoesResidentHavePets": random.random() < 0.3,
        "ResidentEntryNotes": random.choice((None, None, "The dog is loud but kind.", "After 17:00, please.")),
    }
    category = MAINTENANCE, problem.sub_category
    manager = random.choice(estate.staff)
    story = Story("ResidentRequest", problem.title, asked, fields, category, manager, ("Tenant", tenant))
    if problem.trade and random.random() < _NEEDS_VENDOR:
        story.trade, story.material = problem.trade, problem.material
    return story


def _chore(random: Random, estate: Estate, day: date) -> Story:
    title, category, trade = random.choice(CHORES)
    home, manager = random.choice(estate.active_homes), random.choice(estate.staff)
    fields = _place(home.property_id, home.unit_id if random.random() < 0.6 else None)
    if not trade and random.random() < 0.4:
        fields = _place(None, None)
    story = Story("Todo", title, day, fields, (category, ""), manager, ("Staff", manager), assigned=True)
    if random.random() < _NEEDS_VENDOR:
        story.trade = trade
    return story


def _owner(random: Random, estate: Estate, day: date) -> Story:
    owner_id = random.choice(list(estate.owners))
    owned = [each for each in estate.owners[owner_id] if each in estate.active_properties]
    fields = {**_place(random.choice(owned) if owned else None, None), **_by("RentalOwner", owner_id)}
    manager, title = random.choice(estate.staff), random.choice(OWNER_WISHES)
    category = "General Inquiry", ""
    return Story("RentalOwnerRequest", title, day, fields, category, manager, ("RentalOwner", owner_id))


def _contact(random: Random, estate: Estate, day: date) -> Story:
    manager = random.choice(estate.staff)
    caller = {
        "FirstName": random.choice(FIRST_NAMES),
        "LastName": random.choice(LAST_NAMES),
        "Email": f"caller{random.randint(1, 999)}@example.net",
        "PhoneNumbers": {"Home": None, "Work": None, "Mobile": f"(207) 555-{random.randint(0, 9999):04d}"},
    }
    fields = {**_by("ContactRequestor", None), "ContactDetail": caller}
    by = "Staff", manager
    category = "General Inquiry", ""
    return Story("ContactRequest", random.choice(CONTACT_WISHES), day, fields, category, manager, by, assigned=True)


def _tell(random: Random, story: Story, today: date) -> None:
    """What was done about it: taken up, finished and closed, as far as that lies in the past."""
    story.priority = random.choices(("High", "Normal", "Low"), (12, 70, 18))[0]
    if random.random() < 0.85:
        story.due = story.asked + timedelta(days=_DAYS_BY_PRIORITY[story.priority])
    staff = "Staff", story.manager
    taken = story.asked + timedelta(days=random.randint(0, 3))
    done = taken + timedelta(days=random.randint(*random.choices(_WORK, _WORK_WEIGHTS)[0]))
    steps = [
        Step(story.asked, "New", story.fields.get("Description"), story.asked_by),
        Step(taken, "InProgress", random.choice(_CALLED), staff),
    ]
    if random.random() < _STALLED:
        steps.append(Step(taken + timedelta(days=20), "Deferred", "Waits for the owner's word.", staff))
    else:
        story.done = done if done < today else None
        steps.append(Step(done, "Completed", random.choice(_DONE), staff))
        if random.random() < 0.6:
            steps.append(Step(done + timedelta(days=random.randint(2, 20)), "Closed", None, staff))
    story.steps = [step for step in steps if step.day < today]


def _place(property_id: int | None, unit_id: int | None) -> Values:
    return {"PropertyId": property_id, "UnitId": unit_id}


def _by(kind: str, person_id: int | None) -> Values:
    return {"RequestedByType": kind, "RequestedById": person_id}
