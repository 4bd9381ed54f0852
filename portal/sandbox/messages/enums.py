"""The enumerations of MAPPING §2 that the served records use, spelt exactly as Buildium spells them."""

from typing import Literal

AccountingEntityType = Literal["Association", "Rental", "Company"]
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
BillApproval = Literal["NotNeeded", "ApprovalRequired", "Approved", "Pending", "Rejected"]
BillPaidFilter = Literal["Paid", "Unpaid", "UncollectedMarkups"]
CashFlow = Literal["OperatingActivities", "InvestingActivities", "FinancingActivities"]
CheckLayout = Literal[
    "Voucher1StubBottomMemo1Signature",
    "Voucher2StubBottomMemo1Signature",
    "Voucher2StubBottomMemo2Signatures",
    "Voucher2StubTopMemo",
    "Voucher2StubsPrePrintedLayout",
]
EntityTypeFilter = Literal["Rental", "RentalOwner", "Association"]
EntryAllowed = Literal["Unknown", "Yes", "No"]
InsuranceWindow = Literal["Expired", "ThirtyDaysOrLess", "SixtyDaysOrLess", "NinetyDaysOrLess", "None", "Any"]
LeaseStatus = Literal["Active", "Past", "Future"]
LeaseTenantStatus = Literal["MovedOut", "Current", "Future"]
LeaseType = Literal["Fixed", "FixedWithRollover", "AtWill"]
LeaseTypeRead = Literal["None", "Fixed", "FixedWithRollover", "AtWill"]
MailingPreference = Literal["PrimaryAddress", "AlternateAddress"]
FileEntityType = Literal[
    "Account",
    "Association",
    "AssociationOwner",
    "AssociationUnit",
    "Lease",
    "OwnershipAccount",
    "PublicAsset",
    "Rental",
    "RentalOwner",
    "RentalUnit",
    "Tenant",
    "Vendor",
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
MarkupType = Literal["Percent", "Amount"]
PhoneType = Literal["NotSet", "Home", "Office", "Cell", "Personal", "Fax", "Other"]
RentCycle = Literal[
    "Monthly",
    "Weekly",
    "Every2Weeks",
    "Quarterly",
    "Yearly",
    "Every2Months",
    "Daily",
    "Every6Months",
    "OneTime",
]
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
TaskPriority = Literal["Low", "Normal", "High"]
TaskStatus = Literal["New", "InProgress", "Completed", "Deferred", "Closed"]
TaskType = Literal["ContactRequest", "ResidentRequest", "Todo", "RentalOwnerRequest"]
TaxPayerType = Literal["SSN", "EIN"]
UserType = Literal["Staff", "RentalOwner", "Vendor"]
VendorTransactionType = Literal[
    "Bill",
    "Check",
    "Charge",
    "Payment",
    "Credit",
    "Refund",
    "ApplyDeposit",
    "ElectronicFundsTransfer",
    "Other",
    "Deposit",
    "GeneralJournalEntry",
    "OwnerContribution",
    "ReversePayment",
    "ReverseElectronicFundsTransfer",
    "VendorCredit",
    "RentalApplicationFeePayment",
    "ReverseRentalApplicationFeePayment",
    "ReverseOwnerContribution",
    "VendorRefund",
    "UnreversedPayment",
    "UnreversedElectronicFundsTransfer",
    "UnreversedOwnerContribution",
    "UnreversedRentalApplicationFeePayment",
    "ReversedEftRefund",
    "CreditCardPurchase",
    "CreditCardPayment",
]

# Two spellings of the same filter value, depending on the endpoint (MAPPING §2.1).
StatusInActive = Literal["Active", "InActive"]
StatusInactive = Literal["Active", "Inactive"]
