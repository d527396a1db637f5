"""What the rules refuse, by name. Every refusal is a sentence its reader can act on.

RuleBroken                 409: the rules refuse it
├── NotPermitted           403: you may see it, but not do it
├── Unacceptable           422: the decision itself is malformed
└── …                      named beside the rule that raises them
"""

from __future__ import annotations


class RuleBroken(Exception):
    """A rule of the house refuses this; the message says which and what to do instead."""


class NotPermitted(RuleBroken):
    """The person may see the complaint but not take this decision."""


class Unacceptable(RuleBroken):
    """The decision contradicts itself or names something that does not exist."""


class WrongStage(RuleBroken):
    """The complaint is not at the point where this decision is taken."""


class AlreadyClosed(RuleBroken):
    """The complaint is closed; nothing more is decided in it."""


class KeyUsedForAnotherDecision(Unacceptable):
    """The same Idempotency-Key came back with another body."""


class MakerIsChecker(RuleBroken):
    """Whoever had a part in a payment may not approve it, nor say that it was made."""


class TookPart(RuleBroken):
    """Who decided or investigated something in the case may not check it."""


class PaymentInFlight(RuleBroken):
    """A payout has been sent and its outcome is not known yet."""
