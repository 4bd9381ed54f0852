"""What breaks, what is due every year, and who comes for it."""

from __future__ import annotations

from typing import NamedTuple


class Trade(NamedTuple):
    """A vendor category of the sample, the ledger account of its work, and the words its companies are named with."""

    category: str
    account: str
    words: tuple[str, ...]
    hourly: int


class Problem(NamedTuple):
    """Something residents ask for: the trade that can mend it ('' for the caretaker), and the material it takes."""

    title: str
    description: str
    trade: str
    sub_category: str
    material: str


TRADES = {
    "plumbing": Trade("Contractors - Plumbing", "5110", ("Plumbing & Heating", "Pipeworks", "Drain Doctors"), 96),
    "electric": Trade("Contractors - Electrical", "5120", ("Electric", "Wiring Co.", "Power & Light"), 104),
    "heating": Trade("Contractors - HVAC", "5130", ("Boiler Works", "Heating & Air", "Burner Service"), 118),
    "painting": Trade("Contractors - Painting", "5140", ("Painters", "Fine Finishes"), 62),
    "appliances": Trade("Contractors - Appliance Repair", "5150", ("Appliance Repair", "White Goods"), 88),
    "locks": Trade("Locksmiths", "5160", ("Lock & Key", "Safe and Lock"), 84),
    "grounds": Trade("Landscaping", "5200", ("Gardens", "Tree & Lawn", "Groundskeepers"), 58),
    "snow": Trade("Snow Removal", "5210", ("Plowing", "Snow & Sand"), 92),
    "cleaning": Trade("Cleaning", "5300", ("Cleaning", "Turnover Crew"), 46),
    "pests": Trade("Pest Control", "5100", ("Pest Control", "Exterminators"), 110),
    "general": Trade("Contractors - General", "5100", ("Builders", "Carpentry", "Restoration"), 78),
    "water": Trade("Utilities", "5430", ("Water District", "Sewer Works"), 0),
    "insurance": Trade("Insurance", "5500", ("Mutual Insurance", "Underwriters"), 0),
}
NO_VENDOR_CATEGORIES = ("Uncategorized", "Legal")

# Names of categories with their sub categories; the first three are the system's.
MAINTENANCE = "Maintenance Request"
TASK_CATEGORIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (MAINTENANCE, ("Plumbing", "Electrical", "HVAC", "Appliances", "Keys & Locks", "Other")),
    ("General Inquiry", ()),
    ("Other", ()),
    ("Inspection", ()),
    ("Turnover", ()),
    ("Grounds & “Curb Appeal”", ()),
)

_PROBLEMS = """
Kitchen tap drips|It drips all night; a pot under it does not help.|plumbing|Plumbing|Cartridge and seals
Water under the bathroom sink|The floor is wet every morning.\\nTowels are on it now.|plumbing|Plumbing|P-trap
Toilet keeps running|Fills, stops, fills again.|plumbing|Plumbing|Fill valve
No hot water since last night|Cold only, in the shower and in the kitchen.|heating|HVAC|Igniter
Radiator in the bedroom stays cold|The others are warm. Bleeding it did nothing.|heating|HVAC|Thermostatic valve
Outlet sparks|“It sparks when I plug in the kettle.” Breaker is off now.|electric|Electrical|Outlet, wire
Hall light flickers|Second bulb already, so it is not the bulb.|electric|Electrical|Fixture
Dishwasher does not drain|Water stands in it after every run.|appliances|Appliances|Drain pump
Refrigerator too warm|Milk goes off in a day; the thermometer says 11 °C.|appliances|Appliances|Start relay
Key broke off in the lock|Half of it is still in there.|locks|Keys & Locks|Cylinder
Front door does not latch|One has to pull it shut — anybody can walk in.|locks|Keys & Locks|Strike plate
Mice in the pantry|Droppings behind the flour, holes by the pipe.|pests|Other|Bait stations
Ceiling stain growing|Brown ring, the size of a plate in May, of a table now.|general|Other|Drywall, primer
Balcony door sticks|Opens only with a kick.|general|Other|Hinges
Peeling paint in the bathroom|Above the shower, it falls into the tub.|painting|Other|Primer and paint
Noise from the flat above|Every night until two. Please talk to them.||Other|
Intercom is silent|Visitors ring and I hear nothing.||Electrical|
Asks for a second mailbox key|Daughter moved in; she is on the lease.||Keys & Locks|
"""
PROBLEMS = tuple(Problem(*line.replace("\\n", "\n").split("|")) for line in _PROBLEMS.strip().splitlines())

# What staff write down for themselves: title, category, trade.
CHORES = (
    ("Annual boiler inspection", "Inspection", "heating"),
    ("Smoke detector check", "Inspection", ""),
    ("Paint the empty unit", "Turnover", "painting"),
    ("Clean for the next residents", "Turnover", "cleaning"),
    ("Prune the hedge along the drive", "Grounds & “Curb Appeal”", "grounds"),
    ("Clear the gutters before the leaves freeze", "Grounds & “Curb Appeal”", "general"),
    ("Order new nameplates", "Other", ""),
    ("Check the insurance certificates of our vendors", "Other", ""),
)
OWNER_WISHES = (
    "Please send the last two water bills",
    "What would new windows cost?",
    "Rent increase for the ground floor – your view?",
    "Sell the old boiler, please",
)
CONTACT_WISHES = ("Is the two-bedroom still free?", "Looking for a parking space", "Complaint about the dumpster")
