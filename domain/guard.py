"""The language guard (domain §2.1): blame and "don't know" are not what a customer is told.

Texts are compared word by word, Chinese character by character, so that spaces, punctuation, width, case and apostrophes
hide nothing, and a phrase is never found inside another word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_WIDE = "\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
_WORDS = re.compile(rf"(?=\w)[{_WIDE}]|[^\W{_WIDE}]+")
_HIDDEN = re.compile("['\u2018\u2019\u02bc`\u00ad\u200b-\u200f\u2060\ufeff]")
_NARROW = {0xFF01 + n: 0x21 + n for n in range(94)}
NO_ANSWERS = ("不知道", "不清楚", "不晓得", "don't know", "dunno", "do not know", "no idea", "not sure")
"""What says nothing, in any rulebook."""


def phrases_in(text: str, phrases: Iterable[str]) -> list[str]:
    """Those of `phrases` that the text says."""
    said = _said(text)
    return [phrase for phrase in phrases if (sought := _said(phrase)).strip() and sought in said]


def says_nothing(text: str) -> bool:
    """True for a text without a word in it, and for one that is a "don't know" and at most one word more."""
    said = _said(text)
    left = said
    for phrase in map(_said, NO_ANSWERS):
        while phrase in left:
            left = left.replace(phrase, " ")
    return not said.strip() or (left != said and len(left.split()) <= 1)


def _said(text: str) -> str:
    """The words of a text, each between spaces."""
    plain = _HIDDEN.sub("", text.translate(_NARROW)).casefold()
    return f" {' '.join(_WORDS.findall(plain))} "
