"""A provider that answers by itself, or does not: asked again under the same key, and somebody knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain import commands as c
from domain.offers import OfferState
from domain.payouts import PayoutAnswer, PayoutNews, PayoutOrder, asked_again_after, number_of
from domain.values import Owed, Party, PayoutOutcome
from tests.workflows import test_payment_lost_later as lost_later
from tests.workflows.office import Office
from tests.workflows.played import DAY, HOUR, MINUTE, Played, Refused
from workflows.complaint import ComplaintWorkflow

UNKNOWN, PAID, REFUSED, RETURNED = (PayoutOutcome(said) for said in ("unknown", "paid", "refused", "returned"))


class Provider:
    """Says what it is told to say, and remembers how it was asked."""

    def __init__(self) -> None:
        self.says: PayoutOutcome | None = None
        self.calls: list[tuple[str, PayoutOrder]] = []

    async def send(self, order: PayoutOrder) -> PayoutAnswer:
        return self._answer("send", order)

    async def ask(self, order: PayoutOrder) -> PayoutAnswer:
        return self._answer("ask", order)

    def _answer(self, how: str, order: PayoutOrder) -> PayoutAnswer:
        self.calls.append((how, order))
        known = self.says is not UNKNOWN
        return PayoutAnswer(outcome=self.says, reference="B-1" if known else None, provider="http", under_way=self.says is None)

    def asked(self, played: Played) -> list[str]:
        return [how for how, order in self.calls if order.number == played.number]


@pytest.fixture
def provider(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    provider = Provider()
    monkeypatch.setattr(office.bank, "send", provider.send)
    monkeypatch.setattr(office.bank, "ask", provider.ask)
    yield provider
    assert all(order.key.startswith(order.number) for _, order in provider.calls)


async def overcharged(office: Office) -> Played:
    """¥100 overcharged, paid by rule to the payee on record."""
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(overcharge=100_00), liable={Party.DESTINATION: 100})
    await played.forward(MINUTE / 60)
    return played


async def offer(played: Played) -> OfferState:
    return (await played.case()).round.offers[0].state


async def test_a_payment_under_way_is_asked_about_at_longer_and_longer_intervals_until_it_is_paid(
    office: Office, provider: Provider
) -> None:
    played = await overcharged(office)
    assert provider.asked(played) == ["send"]
    await played.forward(DAY)
    asked = provider.asked(played)
    assert set(asked[1:]) == {"ask"}
    assert 11 <= len(asked) <= 16  # a quarter of a minute, half a one, one, two, four … six hours
    assert played.story.count("payout_under_way") == 1
    assert Owed.PAYOUT in await played.owed()
    provider.says = PAID
    await played.forward(6 * HOUR)
    assert await offer(played) is OfferState.PAID
    assert played.balances["customers"] == 100_00
    settled = len(provider.calls)
    await played.forward(DAY)
    assert len(provider.calls) == settled


async def test_a_payment_its_provider_has_never_heard_of_is_sent_again_under_its_key_and_after_half_a_day_only_asked_about(
    office: Office, provider: Provider
) -> None:
    provider.says = UNKNOWN
    played = await overcharged(office)
    await played.forward(4 * HOUR)
    assert set(provider.asked(played)) == {"send"}
    assert played.letters("payment_unknown") == ["finance@hq"]
    assert played.story.count("payout_unknown") == 1
    await played.forward(2 * DAY)
    assert provider.asked(played)[-1] == "ask"
    assert {order.key for _, order in provider.calls} == {f"{played.number}-R1-P1"}
    assert Owed.PAYOUT in await played.owed()
    await played.paid(REFUSED)  # finance cleared it up
    assert Owed.PROPOSAL in await played.owed()


async def test_news_of_a_payment_is_a_reason_to_ask_and_nothing_is_believed_unasked(office: Office, provider: Provider) -> None:
    played = await overcharged(office)
    for payment in (f"{played.number}-R1-P1", f"{played.number}-R1-P1", f"{played.number}-R1-P9"):
        await played.handle.signal(ComplaintWorkflow.payout_news, PayoutNews(payment=payment))
        await played.forward(MINUTE / 60)
    assert provider.asked(played) == ["send", "ask", "ask"]
    assert await offer(played) is OfferState.SENT
    provider.says = PAID
    await played.handle.signal(ComplaintWorkflow.payout_news, PayoutNews(payment=f"{played.number}-R1-P1"))
    await played.forward(MINUTE / 60)
    assert await offer(played) is OfferState.PAID
    assert played.story.count("payout_paid") == 1


async def test_while_the_provider_has_it_in_hand_finance_only_asks(office: Office, provider: Provider) -> None:
    """Were it held to be refused, a second payment would go out beside the first."""
    played = await overcharged(office)
    for outcome in (PAID, REFUSED, PayoutOutcome.SETTLED_ELSEWHERE):
        with pytest.raises(Refused, match="in hand"):
            await played.paid(outcome)
    provider.says = REFUSED
    await played.paid(UNKNOWN)
    await played.forward(MINUTE / 60)
    assert await offer(played) is OfferState.REFUSED
    assert played.balances == {}


async def test_what_the_provider_pays_and_takes_back_in_one_breath_is_booked_and_reversed(
    office: Office, provider: Provider
) -> None:
    provider.says = RETURNED
    played = await overcharged(office)
    assert await offer(played) is OfferState.RETURNED
    assert played.balances == {}
    heard = [name for name in played.story if name in ("payout_paid", "payout_returned", "compensation_proposed")]
    assert heard == ["payout_paid", "payout_returned", "compensation_proposed"]
    assert Owed.APPROVAL in await played.owed()


async def test_a_payment_returned_later_by_its_provider_is_heard_through_its_news(office: Office, provider: Provider) -> None:
    provider.says = PAID
    played = await overcharged(office)
    assert played.balances == {"customers": 100_00, "unit:minhang": -100_00}
    provider.says = RETURNED
    for _ in range(2):  # the news may come twice
        await played.handle.signal(ComplaintWorkflow.payout_news, PayoutNews(payment=f"{played.number}-R1-P1"))
        await played.forward(MINUTE / 60)
    assert played.story.count("payout_returned") == 1
    assert played.balances == {}
    assert Owed.APPROVAL in await played.owed()


async def test_what_finance_held_to_be_refused_and_was_paid_after_all_is_booked_and_nothing_more_goes_out(
    office: Office, provider: Provider
) -> None:
    provider.says = UNKNOWN
    played = await overcharged(office)
    await played.paid(REFUSED)
    assert Owed.PROPOSAL in await played.owed()
    provider.says = PAID
    await played.handle.signal(ComplaintWorkflow.payout_news, PayoutNews(payment=f"{played.number}-R1-P1"))
    await played.forward(MINUTE / 60)
    assert await offer(played) is OfferState.PAID
    assert played.balances["customers"] == 100_00
    assert played.letters("payment_astray") == ["hq_supervisor@hq"]
    assert not {Owed.PROPOSAL, Owed.APPROVAL, Owed.PAYOUT} & set(await played.owed())


def test_the_intervals_double_from_a_quarter_of_a_minute_to_six_hours() -> None:
    minutes = [asked_again_after(asked) / MINUTE for asked in (1, 2, 3, 11, 12, 1000)]
    assert minutes == [0.25, 0.5, 1, 256, 360, 360]


def test_a_payments_key_names_its_complaint() -> None:
    assert number_of("A261122-000001-R12-P3") == "A261122-000001"


async def test_a_provider_that_takes_back_a_payment_of_the_complaint_before_is_asked_about_it(
    office: Office, provider: Provider
) -> None:
    played = await lost_later.continued(office)
    news = PayoutNews(payment=lost_later.OLD_PAYMENT, lost=lost_later.lost())
    for says, heard in ((PAID, 0), (RETURNED, 1), (RETURNED, 1)):  # a message alone changes nothing, and a copy of it neither
        provider.says = says
        await played.handle.signal(ComplaintWorkflow.payout_news, news)
        await played.forward(MINUTE / 60)
        assert played.story.count("payout_returned") == heard
    assert {order.key for _, order in provider.calls} == {lost_later.OLD_PAYMENT}
    assert Owed.APPROVAL in await played.owed()
    with pytest.raises(Refused, match="on record"):
        await lost_later.told(played)


async def test_what_the_provider_takes_back_when_the_customer_has_withdrawn_is_for_finance(
    office: Office, provider: Provider
) -> None:
    played = await lost_later.continued(office)
    provider.says = PAID
    await played.contacted()
    await played.found(facts=c.ParcelFacts(overcharge=90_00), liable={Party.DESTINATION: 100})
    await played.forward(MINUTE / 60)
    await played.say(c.Withdraw, "ann:branch_agent@minhang", reason_ref="all is well")
    provider.says = RETURNED
    await played.handle.signal(ComplaintWorkflow.payout_news, PayoutNews(payment=lost_later.OLD_PAYMENT, lost=lost_later.lost()))
    await played.forward(MINUTE / 60)
    assert played.letters("payment_astray") == ["finance@hq"]
    assert "payout_returned" not in played.story
