from __future__ import annotations

import re

import pytest
from pydantic import ValidationError
from temporalio.testing import ActivityEnvironment

from activities.payouts import Payouts
from adapters.voucher import VoucherProvider, voucher_number
from domain.payouts import PayoutAnswer, PayoutOrder

ORDER = PayoutOrder(key="A261122-000001:1:1", number="A261122-000001", amount=300000, payee_ref="p1")


async def test_a_voucher_waits_for_finance_and_keeps_its_number_however_often_it_is_sent() -> None:
    payouts, env = Payouts(VoucherProvider()), ActivityEnvironment()
    answers = [await env.run(payouts.send_payout, ORDER), await env.run(payouts.send_payout, ORDER)]
    answers.append(await env.run(payouts.ask_payout, ORDER))
    assert {answer.reference for answer in answers} == {voucher_number(ORDER.key)}
    assert answers[0] == PayoutAnswer(outcome=None, reference=voucher_number(ORDER.key), provider="voucher")


def test_different_payments_have_different_vouchers() -> None:
    numbers = {voucher_number(f"A261122-{n:06}:1:1") for n in range(5000)}
    assert len(numbers) == 5000
    assert all(re.fullmatch(r"V\d{12}", number) for number in numbers)


@pytest.mark.parametrize("wrong", [{"amount": 0}, {"amount": -1}, {"key": ""}, {"payee": "客户乙"}])
def test_an_order_that_makes_no_sense_is_refused_before_it_leaves(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PayoutOrder.model_validate({**ORDER.model_dump(), **wrong})
