"""What the stories have in common: spans of time, sums, and acts that every complaint sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from embedded.demo.cast import FINANCE, Act, Person

DAY = timedelta(days=1)


def hours(hours: float) -> timedelta:
    return timedelta(hours=hours)


def minutes(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


def yuan(amount: int) -> dict[str, Any]:
    return {"amount": amount * 100, "currency": "CNY"}


def visits(round: int, who: Person, first: str, second: str) -> tuple[Act, Act]:
    """The two calls of every resolved complaint, on a morning inside their windows."""
    said = (
        ("satisfied_after_explanation", first, 4, "The customer has the explanation and accepts it; 4 of 5."),
        ("satisfied", second, 5, "Nothing has happened since; 5 of 5."),
    )
    one, two = (
        Act(
            cue=f"{round}:visit_{number}",
            after=hours(1.5),
            who=who,
            does="visits",
            says=says,
            body={"result": result, "channel": "phone", "words": words, "score": score},
        )
        for number, (result, words, score, says) in enumerate(said, 1)
    )
    return one, two


def paid(round: int, reference: str) -> Act:
    return Act(
        cue=f"{round}:payout",
        after=hours(2),
        who=FINANCE,
        does="compensation/payout",
        says=f"The voucher {reference} is confirmed by hand.",
        body={"reference": reference, "outcome": "paid"},
    )
