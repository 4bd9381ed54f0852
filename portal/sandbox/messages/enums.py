"""The enumerations of MAPPING §2 that the served records use, spelt exactly as Buildium spells them."""

from typing import Literal

BankAccountType = Literal["Checking", "Savings"]
Bathrooms = Literal[
    "NotSet",
    "OneBath",
    "OnePointFiveBath",
    "TwoBath",
    "TwoPointFiveBath",
    "ThreeBath",
    "FourBath",
    "FiveBath",
    "FivePlusBath",
    "ThreePointFiveBath",
    "FourPointFiveBath",
]
Bedrooms = Literal[
    "NotSet",
    "Studio",
    "OneBed",
    "TwoBed",
    "ThreeBed",
    "FourBed",
    "FiveBed",
    "SixBed",
    "SevenBed",
    "EightBed",
    "NineBedPlus",
]
CashFlow = Literal["OperatingActivities", "InvestingActivities", "FinancingActivities"]
CheckLayout = Literal[
    "Voucher1StubBottomMemo1Signature",
    "Voucher2StubBottomMemo1Signature",
    "Voucher2StubBottomMemo2Signatures",
    "Voucher2StubTopMemo",
    "Voucher2StubsPrePrintedLayout",
]
GLType = Literal["Asset", "Liability", "Equity", "Income", "Expense"]
GLSubType = Literal[
    "CurrentAsset",
    "FixedAsset",
    "CurrentLiability",
    "LongTermLiability",
    "Equity",
    "Income",
    "NonOperatingIncome",
    "OperatingExpenses",
    "NonOperatingExpenses",
]
PhoneType = Literal["NotSet", "Home", "Office", "Cell", "Personal", "Fax", "Other"]
RentalSubType = Literal[
    "CondoTownhome",
    "MultiFamily",
    "SingleFamily",
    "Industrial",
    "Office",
    "Retail",
    "ShoppingCenter",
    "Storage",
    "ParkingSpace",
]
RentalType = Literal["Residential", "Commercial"]
TaxPayerType = Literal["SSN", "EIN"]
UserType = Literal["Staff", "RentalOwner", "Vendor"]

# Two spellings of the same filter value, depending on the endpoint (MAPPING §2.1).
StatusInActive = Literal["Active", "InActive"]
StatusInactive = Literal["Active", "Inactive"]
