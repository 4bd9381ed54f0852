"""The words people read for Buildium's codes, and the codes in the order of a select."""

from __future__ import annotations

import re
from collections.abc import Mapping

RENTAL_SUB_TYPES: Mapping[str, str] = {
    "SingleFamily": "Single-family home",
    "MultiFamily": "Multi-family",
    "CondoTownhome": "Condo / townhome",
    "Office": "Office",
    "Retail": "Retail",
    "ShoppingCenter": "Shopping center",
    "Industrial": "Industrial",
    "Storage": "Storage",
    "ParkingSpace": "Parking space",
}
RENTAL_TYPES: Mapping[str, str] = {"Residential": "Residential", "Commercial": "Commercial", "None": "Not set"}
BEDROOMS: Mapping[str, str] = {
    "0": "Studio",
    "1": "1 bedroom",
    **{str(count): f"{count} bedrooms" for count in range(2, 9)},
    "9+": "9 bedrooms or more",
}
BATHROOMS: Mapping[str, str] = {
    "1": "1 bath",
    **{count: f"{count} baths" for count in ("1.5", "2", "2.5", "3", "3.5", "4", "4.5", "5")},
    "5+": "More than 5 baths",
}
TAX_PAYER_TYPES: Mapping[str, str] = {"SSN": "Social security number (SSN)", "EIN": "Employer number (EIN)"}
TAX_PAYER_IDS: Mapping[str, re.Pattern[str]] = {
    "SSN": re.compile(r"\d{3}-\d{2}-\d{4}", re.ASCII),
    "EIN": re.compile(r"\d{2}-\d{7}", re.ASCII),
}
GL_TYPES: Mapping[str, str] = {
    "Asset": "Asset",
    "Liability": "Liability",
    "Equity": "Equity",
    "Income": "Income",
    "Expense": "Expense",
}
GL_SUB_TYPES: Mapping[str, str] = {
    "CurrentAsset": "Current asset",
    "FixedAsset": "Fixed asset",
    "CurrentLiability": "Current liability",
    "LongTermLiability": "Long-term liability",
    "Equity": "Equity",
    "Income": "Income",
    "NonOperatingIncome": "Non-operating income",
    "OperatingExpenses": "Operating expenses",
    "NonOperatingExpenses": "Non-operating expenses",
}
CASH_FLOWS: Mapping[str, str] = {
    "OperatingActivities": "Operating activities",
    "InvestingActivities": "Investing activities",
    "FinancingActivities": "Financing activities",
}
BANK_ACCOUNT_TYPES: Mapping[str, str] = {"Checking": "Checking", "Savings": "Savings"}
LEASE_TYPES: Mapping[str, str] = {
    "Fixed": "Fixed term",
    "FixedWithRollover": "Fixed term, then month to month",
    "AtWill": "Month to month (at will)",
}
LEASE_STATUSES: Mapping[str, str] = {"Active": "Active", "Future": "Future", "Past": "Past"}
RENT_CYCLES: Mapping[str, str] = {
    "Monthly": "Every month",
    "Weekly": "Every week",
    "Every2Weeks": "Every two weeks",
    "Every2Months": "Every two months",
    "Quarterly": "Every quarter",
    "Every6Months": "Every six months",
    "Yearly": "Every year",
    "Daily": "Every day",
    "OneTime": "Once",
}
TERM_TYPES: Mapping[str, str] = {"Standard": "Fixed term", "MonthToMonth": "Month to month", "Owner": "Owner’s own"}
RENEWAL_OFFERS: Mapping[str, str] = {
    "NotSet": "Not set",
    "NotStarted": "Not started",
    "Generated": "Generated",
    "Draft": "Draft",
    "Sent": "Sent",
    "Unsigned": "Not signed yet",
    "PartiallySigned": "Signed by some",
    "Countersign": "Waits for your signature",
    "Accepted": "Accepted",
    "Activated": "In force",
    "Renewed": "Renewed",
    "Declined": "Declined",
}
LEASE_TENANT_STATUSES: Mapping[str, str] = {"Current": "Lives here", "Future": "Moves in", "MovedOut": "Moved out"}
MAILING_PREFERENCES: Mapping[str, str] = {
    "PrimaryAddress": "The address",
    "AlternateAddress": "The second address",
}
ENTRY_ALLOWED: Mapping[str, str] = {"Unknown": "Not known", "Yes": "Yes", "No": "No"}
TASK_TYPES: Mapping[str, str] = {
    "Todo": "To-do",
    "ResidentRequest": "Resident request",
    "RentalOwnerRequest": "Owner request",
    "ContactRequest": "Contact request",
}
TASK_STATUSES: Mapping[str, str] = {
    "New": "New",
    "InProgress": "In progress",
    "Completed": "Completed",
    "Deferred": "Deferred",
    "Closed": "Closed",
}
TASK_STEPS: Mapping[str, str] = {
    "start": "Start work",
    "complete": "Complete",
    "defer": "Defer",
    "close": "Close",
    "reopen": "Reopen",
}
TASK_PRIORITIES: Mapping[str, str] = {"High": "High", "Normal": "Normal", "Low": "Low"}
ACTIVE: Mapping[bool, str] = {True: "Active", False: "Inactive"}
ACTIVITY: Mapping[str, str] = {"active": "Active", "inactive": "Inactive"}

COUNTRY_CODES = re.findall(
    r"\w+",
    """
Afghanistan Akrotiri Albania Algeria AmericanSamoa Andorra Angola Anguilla Antarctica AntiguaandBarbuda Argentina
Armenia Aruba AshmoreandCartierIslands Australia Austria Azerbaijan Bahamas Bahrain Bangladesh Barbados BassasdaIndia
Belarus Belgium Belize Benin Bermuda Bhutan Bolivia BosniaandHerzegovina Botswana BouvetIsland Brazil
BritishIndianOceanTerritory BritishVirginIslands Brunei Bulgaria BurkinaFaso Burma Burundi Cambodia Cameroon Canada
CapeVerde CaymanIslands CentralAfricanRepublic Chad Chile China ChristmasIsland ClippertonIsland CocosIslands Colombia
Comoros DemocraticRepublicOfTheCongo RepublicOfTheCongo CookIslands CoralSeaIslands CostaRica CotedIvoire Croatia Cuba
Cyprus CzechRepublic Denmark Dhekelia Djibouti Dominica DominicanRepublic Ecuador Egypt ElSalvador EquatorialGuinea
Eritrea Estonia Ethiopia EuropaIsland FalklandIslands FaroeIslands Fiji Finland France FrenchGuiana FrenchPolynesia
FrenchSouthernandAntarcticLands Gabon Gambia GazaStrip Georgia Germany Ghana Gibraltar GloriosoIslands Greece
Greenland Grenada Guadeloupe Guam Guatemala Guernsey Guinea GuineaBissau Guyana Haiti HeardIslandandMcDonaldIslands
VaticanCity Honduras HongKong Hungary Iceland India Indonesia Iran Iraq Ireland IsleofMan Israel Italy Jamaica
JanMayen Japan Jersey Jordan JuandeNovaIsland Kazakhstan Kenya Kiribati NorthKorea SouthKorea Kuwait Kyrgyzstan Laos
Latvia Lebanon Lesotho Liberia Libya Liechtenstein Lithuania Luxembourg Macau Macedonia Madagascar Malawi Malaysia
Maldives Mali Malta MarshallIslands Martinique Mauritania Mauritius Mayotte Mexico Micronesia Moldova Monaco Mongolia
Montserrat Morocco Mozambique Namibia Nauru NavassaIsland Nepal Netherlands NetherlandsAntilles NewCaledonia
NewZealand Nicaragua Niger Nigeria Niue NorfolkIsland NorthernMarianaIslands Norway Oman Pakistan Palau Panama
PapuaNewGuinea ParacelIslands Paraguay Peru Philippines PitcairnIslands Poland Portugal PuertoRico Qatar Reunion
Romania Russia Rwanda SaintHelena SaintKittsandNevis SaintLucia SaintPierreandMiquelon SaintVincentandtheGrenadines
Samoa SanMarino SaoTomeandPrincipe SaudiArabia Senegal SerbiaandMontenegro Seychelles SierraLeone Singapore Slovakia
Slovenia SolomonIslands Somalia SouthAfrica SouthGeorgiaandtheSouthSandwichIslands Spain SpratlyIslands SriLanka Sudan
Suriname Svalbard Swaziland Sweden Switzerland Syria Taiwan Tajikistan Tanzania Thailand TimorLeste Togo Tokelau Tonga
TrinidadandTobago TromelinIsland Tunisia Turkey Turkmenistan TurksandCaicosIslands Tuvalu Uganda Ukraine
UnitedArabEmirates UnitedKingdom UnitedStates Uruguay Uzbekistan Vanuatu Venezuela Vietnam VirginIslands WakeIsland
WallisandFutuna WestBank WesternSahara Yemen Zambia Zimbabwe
""",
)
IRREGULAR = {
    "CotedIvoire": "Côte d’Ivoire",
    "FalklandIslands": "Falkland Islands",
    "GuineaBissau": "Guinea-Bissau",
    "TimorLeste": "Timor-Leste",
    "Reunion": "Réunion",
    "SaoTomeandPrincipe": "São Tomé and Príncipe",
    "VirginIslands": "Virgin Islands (US)",
    "Swaziland": "Eswatini (Swaziland)",
    "Burma": "Myanmar (Burma)",
    "Macedonia": "North Macedonia",
    "HeardIslandandMcDonaldIslands": "Heard Island and McDonald Islands",
    "SouthGeorgiaandtheSouthSandwichIslands": "South Georgia and the South Sandwich Islands",
    "SaintVincentandtheGrenadines": "Saint Vincent and the Grenadines",
    "BassasdaIndia": "Bassas da India",
    "JuandeNovaIsland": "Juan de Nova Island",
    "IsleofMan": "Isle of Man",
}


def spoken(code: str) -> str:
    """A country's code in words: AntiguaandBarbuda → Antigua and Barbuda."""
    parted = re.sub(r"(?<=[a-z])(and)(?=[A-Z])", r" \1 ", code)
    return IRREGULAR.get(code) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", parted).replace("Of The", "of the")


COUNTRIES: Mapping[str, str] = dict(sorted(((code, spoken(code)) for code in COUNTRY_CODES), key=lambda pair: pair[1]))

STATES: Mapping[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "AS": "American Samoa", "GU": "Guam", "MP": "Northern Mariana Islands", "PR": "Puerto Rico", "VI": "Virgin Islands",
    "AA": "Armed Forces Americas", "AE": "Armed Forces Europe", "AP": "Armed Forces Pacific",
}  # fmt: skip
PROVINCES: Mapping[str, str] = {
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
    "NL": "Newfoundland and Labrador", "NS": "Nova Scotia", "NT": "Northwest Territories", "NU": "Nunavut",
    "ON": "Ontario", "PE": "Prince Edward Island", "QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon",
}  # fmt: skip
REGIONS: Mapping[str, Mapping[str, str]] = {"UnitedStates": STATES, "Canada": PROVINCES}


def is_region(country: str, state: str) -> bool:
    """Whether Buildium would take the state: a name or an abbreviation in the US and Canada, anything elsewhere."""
    known = REGIONS.get(country)
    return known is None or state.upper() in known or state.casefold() in {name.casefold() for name in known.values()}


def tax_payer_type_of(tax_payer_id: str) -> str | None:
    """SSN or EIN by how the id is written (MAPPING §2.1); None for neither."""
    return next((kind for kind, pattern in TAX_PAYER_IDS.items() if pattern.fullmatch(tax_payer_id)), None)
