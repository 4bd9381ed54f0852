"""Words the sample portfolio is made of. Odd ones are on purpose: names like these exist and break naive code."""

from __future__ import annotations

STREETS = (
    "Harbor Street", "Vine Street", "Congress Street", "Commercial Street", "Munjoy Hill Road", "St. John's Place",
    "O'Brion Street", "Brackett Street", "Eastern Promenade", "Fore Street", "Deering Avenue", "Stevens Avenue",
    "Forest Avenue", "Wharf Lane", "Cannery Row", "Lighthouse Road", "Old Mill Road", "Orchard Lane",
    "Château Drive", "Ropewalk Court",
)  # fmt: skip

# City, state, first digits of the postal code, country.
PLACES = (
    ("Portland", "ME", "041", "UnitedStates"),
    ("Portland", "ME", "041", "UnitedStates"),
    ("South Portland", "Maine", "041", "UnitedStates"),
    ("Biddeford", "ME", "040", "UnitedStates"),
    ("Portsmouth", "NH", "038", "UnitedStates"),
    ("Boston", "MA", "021", "UnitedStates"),
    ("Providence", "Rhode Island", "029", "UnitedStates"),
    ("Burlington", "VT", "054", "UnitedStates"),
    ("St. John's", "Newfoundland and Labrador", "A1C ", "Canada"),
    ("Montréal", "QC", "H2Y ", "Canada"),
)

PROPERTY_NAMES = (
    "Harbor View", "Vine Terrace", "The Cannery", "Lighthouse Court", "Ropewalk Lofts", "Orchard Row", "Mill Pond",
    "Wharf House", "Sailmaker's Yard", "Brackett Place", "Captain's Walk", "Granite Hall", "Ferry Landing",
    "Customs House", "Chandler's Block", "Seaward", "Eastern Light", "Tidewater", "Beacon Hill", "Net Loft",
)  # fmt: skip

ODD_PROPERTY_NAMES = (
    "O'Malley's \"Old\" Row & Sons <Annex>",
    "Château Frontenac – Résidence Élysée",
    "東京ハーバービル 第二別館",
    "مجمع الميناء السكني",
    "𠮷野家ビル 𝔅lock",
    "=SUM(A1:A9) Plaza",
    ("The Most Honourable and Ancient Guild of Sailmakers, Ropewalkers and Chandlers of Casco Bay Memorial " * 2)[:127],
    "Zażółć Gęślą Jaźń",
)  # fmt: skip

FIRST_NAMES = (
    "Amelia", "Noah", "Siobhán", "José", "Renée", "Björn", "Zoë", "Mary Ann", "Jean-Luc", "Ngọc", "Oluwaseun", "Priya",
    "Li", "Mohammed", "Ingrid", "D'Angelo", "Ruth", "Walter", "Yuki", "Agnieszka",
)  # fmt: skip

LAST_NAMES = (
    "O'Neill", "van der Berg", "García Márquez", "Nguyễn", "Smith", "Okafor", "St. Pierre", "Müller-Lüdenscheidt",
    "Kowalczyk", "Singh", "Thibodeau", "MacLeod", "Haddad", "Sato", "Larsson", "Pelletier", "Cohen", "Ferreira",
    "Jones", "D’Amico",
)  # fmt: skip

ODD_PEOPLE = (
    ("美咲", "山田"),
    ("محمد", "الهاشمي"),
    ("𝒜da", "𠮷田"),
    ("Robert'); DROP TABLE owners;--", "Tables"),
    ("X", "Ó"),
    ("נועה", "כהן-לוי"),
)

COMPANY_WORDS = (
    "Casco", "Penobscot", "Allagash", "Kennebec", "Acadia", "Katahdin", "Saco", "Androscoggin", "Merrymeeting",
    "Sebago", "Moosehead", "Monhegan", "Vinalhaven", "Machias", "Damariscotta", "Ogunquit", "Kittery", "Rangeley",
)  # fmt: skip

COMPANY_FORMS = (
    "Holdings LLC", "Real Estate Trust", "Partners, LP", "& Daughters, Inc.", "Investments LLC", "Family Trust",
    "Capital Group", "Properties S.à r.l.",
)  # fmt: skip

ODD_COMPANIES = (
    "株式会社 ハーバー不動産",
    "شركة الكرمة للعقارات",
    "L'Immobilière d'Été & Fils S.A.R.L.",
    "+1-800-HOMES LLC",
    ("Consolidated Amalgamated Interstate Residential and Commercial Property Holdings of New England " * 2)[:127],
)  # fmt: skip
