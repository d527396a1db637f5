"""The tables, by topic. Column names of what the process tells are the field names of `domain.record`.

Rows that `store.register` writes carry no foreign key to `complaints`: it locks the complaint's row first, in the same
transaction, which is the same promise at none of the price.
"""

from store.tables.around import Answer, Digest, Evidence, Exchange, History, Notice, Payee, Text
from store.tables.claims import Claim, ClaimPart
from store.tables.clocks import Delay, Lateness, Pause, Promise
from store.tables.complaints import Complainant, Complaint, Decision, FurtherCall, IntakeRequest, Obligation, TimelineEntry
from store.tables.dated import DatedChange, Emergency, RecordOnlyPeriod, UnitCalendar
from store.tables.fund import FundUse, FundUseAct
from store.tables.money import Compensation, LedgerEntry, LedgerMonth, LedgerTotal, Payment, PayoutEvent, Posting
from store.tables.network import StaffMember, StandIn, Unit
from store.tables.process import Correction, Findings, PenaltyEvent, PenaltyLine, PenaltyReview, Visit
from store.tables.rulebooks import RulebookConfirmation, RulebookDraft, RulebookVersion
from store.tables.second_looks import SecondLook
from store.tables.sheets import PenaltySheet, PenaltySheetAct, PenaltySheetLine, PenaltySheetMark

__all__ = [
    "Answer",
    "Claim",
    "ClaimPart",
    "Compensation",
    "Complainant",
    "Complaint",
    "Correction",
    "DatedChange",
    "Decision",
    "Delay",
    "Digest",
    "Emergency",
    "Evidence",
    "Exchange",
    "Findings",
    "FundUse",
    "FundUseAct",
    "FurtherCall",
    "History",
    "IntakeRequest",
    "Lateness",
    "LedgerEntry",
    "LedgerMonth",
    "LedgerTotal",
    "Notice",
    "Obligation",
    "Pause",
    "Payee",
    "Payment",
    "PayoutEvent",
    "PenaltyEvent",
    "PenaltyLine",
    "PenaltyReview",
    "PenaltySheet",
    "PenaltySheetAct",
    "PenaltySheetLine",
    "PenaltySheetMark",
    "Posting",
    "Promise",
    "RecordOnlyPeriod",
    "RulebookConfirmation",
    "RulebookDraft",
    "RulebookVersion",
    "SecondLook",
    "StaffMember",
    "StandIn",
    "Text",
    "TimelineEntry",
    "Unit",
    "UnitCalendar",
    "Visit",
]
