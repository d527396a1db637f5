"""What the rulebook's schedule owes for a parcel, with the whole reckoning: rule, facts, arithmetic (domain §4).

Every step adds to, or takes from, the sum before it, so the steps add up to the amount. A fact that is missing is named; the
amount is then the undisputed part. Sums are integer fen; a share of a value is rounded half up to the fen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TypeAlias

from domain.calendar import as_utc
from domain.case import Case
from domain.commands import ParcelFacts
from domain.errors import Unacceptable
from domain.plan import CasePlan
from domain.reckoning import Computation, Parcel, Reckoning, Step, portion, yuan
from domain.values import Category, Fen

__all__ = ["SCHEDULES", "Computation", "Parcel", "Step", "compute", "contradiction", "parcel_of"]


def parcel_of(case: Case) -> Parcel:
    """What the complaint knows of its parcel."""
    held = case.model_dump(include=Parcel.model_fields.keys() & Case.model_fields.keys())
    return Parcel(**held, received_at=case.intake.received_at)


def contradiction(parcel: Parcel, facts: ParcelFacts) -> str | None:
    """Why these facts cannot be of this parcel, as a sentence."""
    named = {"missing": facts.pieces_missing or 0, "damaged": facts.pieces_damaged or 0}
    if parcel.pieces is not None and sum(named.values()) > parcel.pieces:
        said = " and ".join(f"{count} {what}" for what, count in named.items() if count)
        return f"The parcel has {parcel.pieces} pieces; {said} are more than there are."
    return None


Schedule: TypeAlias = Callable[[Reckoning], None]


def compute(category: Category, plan: CasePlan, parcel: Parcel, facts: ParcelFacts) -> Computation:
    """What is owed for a complaint of `category` under its own rulebook; Unacceptable for a category it does not have."""
    if category not in plan.categories:
        raise Unacceptable(f"{category} is not a category of rulebook {plan.version}")
    reckoning = Reckoning(plan, parcel, facts)
    SCHEDULES[plan.categories[category].schedule](reckoning)
    return reckoning.result


def _loss(r: Reckoning) -> None:
    """The parcel, or some pieces of it: of one waybill with many pieces, what arrived is not lost."""
    if r.some_pieces_arrived:
        return _some_lost(r)
    return _all_lost(r)


def _some_lost(r: Reckoning) -> None:
    missing, pieces, freight = r.facts.pieces_missing or 0, r.parcel.pieces or 0, r.parcel.freight
    r.owe(
        "partly_lost",
        0,
        f"一票 {pieces} 件，丢失 {missing} 件：按丢失件数赔付。",
        f"{missing} of the {pieces} pieces of the waybill are lost: what is lost is compensated.",
        pieces_missing=missing,
        pieces=pieces,
    )
    if r.parcel.declared_value is not None:
        return _insured_pieces(r, r.parcel.declared_value)
    _proven_loss(r)
    if freight is None:
        return r.ask("freight")
    back = portion(freight, missing, pieces)
    return r.owe(
        "freight_refunded",
        back,
        f"按件退还运费：{yuan(freight)} × {missing}/{pieces} = {yuan(back)}（不含附加费，四舍五入到分）。",
        f"Freight refunded by pieces: {yuan(freight)} × {missing}/{pieces} = {yuan(back)} (extras not included, rounded half up "
        "to the fen).",
        freight=freight,
        pieces_missing=missing,
        pieces=pieces,
    )


def _all_lost(r: Reckoning) -> None:
    if (declared := r.parcel.declared_value) is not None:
        r.owe(
            "loss_insured",
            declared,
            f"丢失，已保价：按声明价值赔付 {yuan(declared)}。",
            f"Lost and insured: the declared value, {yuan(declared)}.",
            declared_value=declared,
        )
        return
    _proven_loss(r)
    _freight_back(r, "freight_refunded", "退还运费", "Freight refunded")


def _partial_loss(r: Reckoning) -> None:
    """Damage and shortage: by the share that was found, else by pieces. Where every piece is missing, the parcel is lost."""
    share, missing, damaged, pieces = r.facts.share_damaged, r.facts.pieces_missing, r.facts.pieces_damaged, r.parcel.pieces
    if share is None and pieces and (missing or 0) >= pieces:
        zh, en = f"{pieces} 件全部短少：视同丢失。", f"All {pieces} pieces are missing: counts as lost."
        r.owe("all_missing", 0, zh, en, pieces_missing=missing, pieces=pieces)
        return _all_lost(r)
    if (declared := r.parcel.declared_value) is None:
        return _proven_loss(r)
    if share is not None:
        return _insured_part(r, declared, share, 100, f"{share} %")
    if missing is None and damaged is None:
        return r.ask("share_damaged")
    return _insured_pieces(r, declared)


def _insured_pieces(r: Reckoning, declared: Fen) -> None:
    whole = r.parcel.pieces or 0
    part = min((r.facts.pieces_missing or 0) + (r.facts.pieces_damaged or 0), whole)
    return _insured_part(r, declared, part, whole, f"{part}/{whole}") if whole else r.ask("pieces")


def _insured_part(r: Reckoning, declared: Fen, part: int, whole: int, share: str) -> None:
    owed = portion(declared, part, whole)
    r.owe(
        "partial_loss_insured",
        owed,
        f"破损或短少，已保价：声明价值 {yuan(declared)} × {share} = {yuan(owed)}（四舍五入到分）。",
        f"Damaged or short, insured: declared value {yuan(declared)} × {share} = {yuan(owed)} (rounded half up to the fen).",
        declared_value=declared,
        part=part,
        whole=whole,
    )


def _proven_loss(r: Reckoning) -> None:
    """What was proven, at most the contract cap unless gross negligence lifts it. A claim alone proves nothing."""
    value, basis = r.facts.proven_value, r.facts.value_basis
    if value is None:
        return r.ask("proven_value")
    if basis == "none":
        r.ask("value_basis")
        return _nothing(
            r, f"未保价：主张损失 {yuan(value)}，尚无依据。", f"Not insured: {yuan(value)} is claimed, and nothing proves it yet."
        )
    zh, en = _BASES.get(basis, (basis, basis)) if basis else ("未记录", "not recorded")
    r.owe(
        "proven_value",
        value,
        f"未保价：已证明的损失 {yuan(value)}（依据：{zh}）。",
        f"Not insured: the proven loss, {yuan(value)} (basis: {en}).",
        proven_value=value,
        value_basis=r.facts.value_basis,
        claimed=r.parcel.claimed,
    )
    if r.facts.gross_negligence:
        r.owe(
            "cap_lifted",
            0,
            "存在重大过失：不适用合同约定的赔偿限额。",
            "Gross negligence: the contract cap does not apply.",
            gross_negligence=True,
            cap_shown=r.cap_shown,
        )
        return None
    return _cap(r, value)


def _cap(r: Reckoning, value: Fen) -> None:
    cap, freight = r.rules.cap, r.parcel.freight
    limit = min(max(cap.floor, cap.times_freight * (freight or 0)), cap.ceiling)
    if value <= limit:
        return
    if freight is None and limit < cap.ceiling:
        r.ask("freight")
    zh_shown, en_shown = _SHOWN[r.cap_shown]
    times = f"{cap.times_freight} × {yuan(freight)}" if freight is not None else f"{cap.times_freight} × ?"
    r.owe(
        "contract_cap",
        limit - value,
        f"合同限额：{yuan(cap.floor)} 与 {cap.times_freight} 倍运费（{times}）取高，最高 {yuan(cap.ceiling)}，即 {yuan(limit)}，"
        f"减 {yuan(value - limit)}。该限额是合同条款，不是邮政法规定（邮政法第五十九条的限额不适用于快件）；{zh_shown}。",
        f"Contract cap: the higher of {yuan(cap.floor)} and {cap.times_freight} × freight ({times}), at most "
        f"{yuan(cap.ceiling)}: {yuan(limit)}, so {yuan(value - limit)} less. The cap is a term of the contract, not of the "
        f"postal law, whose own cap does not govern express parcels (art. 59); {en_shown}.",
        cap=limit,
        freight=freight,
        cap_shown=r.cap_shown,
    )


_BASES = {
    "order": ("订单", "order"),
    "invoice": ("发票", "invoice"),
    "declared": ("声明价值", "declared"),
    "market": ("市场价", "market"),
}
"""How a value is proven; `none` is no proof."""

_SHOWN = {
    True: ("已向寄件人提示", "it was shown to the sender"),
    False: ("未向寄件人提示", "it was not shown to the sender"),
    None: ("是否已向寄件人提示未见记录", "whether it was shown to the sender is not on record"),
}


def _freight_back(r: Reckoning, rule: str, zh: str, en: str) -> None:
    freight = r.parcel.freight
    if freight is None:
        return r.ask("freight")
    return r.owe(
        rule, freight, f"{zh} {yuan(freight)}（不含附加费）。", f"{en}: {yuan(freight)} (extras not included).", freight=freight
    )


def _delay(r: Reckoning) -> None:
    days, region = _days_late(r), r.facts.same_region
    if days is None:
        return r.ask("days_late")
    if days == 0:
        return _nothing(r, "未超过承诺时限，无需赔付。", "Not later than promised: nothing is owed.")
    near, far = r.rules.total_delay_days_same_region, r.rules.total_delay_days
    if days > (near if region else far):
        limit = near if region else far
        zh = f"延误 {days} 天，超过 {limit} 天：视同丢失。"
        r.owe("total_delay", 0, zh, f"{days} days late, more than {limit}: counts as lost.", days_late=days, same_region=region)
        return _loss(r)
    if region is None and days > near:
        r.ask("same_region")
    return _freight_back(
        r, "freight_waived", f"延误 {days} 天，免收运费", f"{days} day{'s' if days > 1 else ''} late, freight waived"
    )


def _days_late(r: Reckoning) -> int | None:
    """As found, else the days from the promised day to the day of delivery, or of the complaint while it is under way."""
    if r.facts.days_late is not None:
        return r.facts.days_late
    promised, arrived = r.parcel.promised_at, r.parcel.delivered_at or r.parcel.received_at
    if promised is None or arrived is None:
        return None
    late = as_utc(arrived) - as_utc(promised)
    if late <= timedelta(0):
        return 0 if r.parcel.delivered_at else None
    return max(1, (arrived.astimezone(r.zone).date() - promised.astimezone(r.zone).date()).days)


def _cod(r: Reckoning) -> None:
    collected, handed_over = r.facts.collected, r.facts.handed_over
    if collected is None or handed_over is None:
        return r.ask(*(name for name, sum_ in (("collected", collected), ("handed_over", handed_over)) if sum_ is None))
    owed = collected - handed_over
    if owed <= 0:
        zh = f"代收货款：已收 {yuan(collected)}，已返还 {yuan(handed_over)}，已全额返还，无需再付。"
        en = f"Cash on delivery: {yuan(collected)} collected, {yuan(handed_over)} handed over; nothing is owed."
        return r.owe("cod_in_full", 0, zh, en, collected=collected, handed_over=handed_over)
    return r.owe(
        "cod_in_full",
        owed,
        f"代收货款：已收 {yuan(collected)} − 已返还 {yuan(handed_over)} = 应返还 {yuan(owed)}，全额。",
        f"Cash on delivery: collected {yuan(collected)} − handed over {yuan(handed_over)} = {yuan(owed)} owed, in full.",
        collected=collected,
        handed_over=handed_over,
    )


def _false_signoff(r: Reckoning) -> None:
    produced, hours = r.facts.produced_within_48h, int(r.rules.false_signoff_within.total_seconds() // 3600)
    if produced is None:
        return r.ask("produced_within_48h")
    if produced:
        return _nothing(
            r, f"{hours} 小时内找到快件并交付，无需赔付。", f"The parcel was produced within {hours} hours: no loss is owed."
        )
    zh = f"虚假签收，{hours} 小时内未能找到快件：视同丢失。"
    en = f"False sign-off and not produced within {hours} hours: counts as lost."
    r.owe("not_produced", 0, zh, en, produced_within_48h=False)
    return _loss(r)


def _pricing(r: Reckoning) -> None:
    overcharge = r.facts.overcharge
    if overcharge is None:
        return r.ask("overcharge")
    zh, en = f"退还多收费用 {yuan(overcharge)}。", f"The overcharge is returned: {yuan(overcharge)}."
    return r.owe("overcharge_returned", overcharge, zh, en, overcharge=overcharge)


def _pickup_delivery(r: Reckoning) -> None:
    charged = r.facts.charged_without_agreement
    if not charged:
        zh, en = "没有未经同意的收费记录；二次派送免费。", "No charge without agreement is on record. A second delivery is free."
        return r.owe("second_delivery_free", 0, zh, en, charged_without_agreement=charged)
    zh = f"退还未经同意收取的费用 {yuan(charged)}；二次派送免费。"
    en = f"Charges taken without agreement are returned: {yuan(charged)}. A second delivery is free."
    return r.owe("charges_returned", charged, zh, en, charged_without_agreement=charged)


def _no_money(r: Reckoning) -> None:
    most = yuan(r.rules.goodwill_ceiling)
    _nothing(r, f"按规定不涉及赔款；致歉，可酌情补偿，最高 {most}。", f"No money is owed; an apology, and goodwill up to {most}.")


def _nothing(r: Reckoning, zh: str, en: str) -> None:
    r.owe("nothing_owed", 0, zh, en)


SCHEDULES: Mapping[str, Schedule] = MappingProxyType(
    {
        "loss": _loss,
        "damage": _partial_loss,
        "delay": _delay,
        "cod": _cod,
        "false_signoff": _false_signoff,
        "pricing": _pricing,
        "pickup_delivery": _pickup_delivery,
        "none": _no_money,
    }
)
"""The rows of the schedule, by the name a category uses in the rulebook."""
