"""What people read instead of codes, in Chinese and English: every value of the enums that reach a screen or a letter.

Categories, causes and clauses are not here: the rulebook names them, since a network may add its own.
"""

from __future__ import annotations

from enum import StrEnum

from domain.bilingual import Label, Labels
from domain.labels_of_complaints import COMPLAINTS
from domain.labels_of_settlement import SETTLEMENT
from domain.rulebook_standing import Around
from domain.values import Owed

LABELS: Labels = COMPLAINTS | SETTLEMENT

FACTS: dict[str, Label] = {
    "waybill": Label("运单号", "waybill"),
    "origin": Label("发件网点", "origin branch"),
    "destination": Label("派件网点", "destination branch"),
    "freight": Label("运费", "freight"),
    "declared_value": Label("声明价值", "declared value"),
    "pieces": Label("件数", "number of pieces"),
    "promised_at": Label("承诺送达时间", "promised time of delivery"),
    "delivered_at": Label("实际送达时间", "time of delivery"),
    "days_late": Label("延误天数", "days late"),
    "same_region": Label("是否同城同区", "whether both ends are in one region"),
    "pieces_missing": Label("短少件数", "pieces missing"),
    "pieces_damaged": Label("破损件数", "pieces damaged"),
    "share_damaged": Label("损坏比例", "share damaged"),
    "proven_value": Label("举证价值", "proven value"),
    "value_basis": Label("价值依据（订单、发票、市场价）", "proof of the value (order, invoice, market price)"),
    "cap_shown": Label("是否向寄件人提示过限额", "whether the sender was shown the cap"),
    "collected": Label("代收金额", "sum collected"),
    "handed_over": Label("已交付金额", "sum handed over"),
    "overcharge": Label("多收金额", "overcharge"),
    "charged_without_agreement": Label("未经同意收取的费用", "charges taken without agreement"),
    "produced_within_48h": Label("48 小时内能否交出快件", "whether the parcel was produced within 48 hours"),
}
"""Facts of a parcel that a computation may still ask for, by field name."""


def fact_label(name: str, language: str) -> str:
    """The words for a fact; its own name when it has none."""
    words = FACTS.get(name, Label(name, name))
    return words.en if language == "en" else words.zh


def owed_label(code: str, language: str) -> str:
    """The words for what is owed, in a complaint or around them."""
    return label(Owed(code) if code in set(Owed) else Around(code), language)


def label(value: StrEnum, language: str) -> str:
    """The words for an enum's value; Chinese for a language we do not speak."""
    words = LABELS[type(value)][value]
    return words.en if language == "en" else words.zh
