"""Words in Chinese, the network's language, and in English."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Label(NamedTuple):
    zh: str
    en: str


Labels = dict[type[StrEnum], dict[StrEnum, Label]]


def labelled(kind: type[StrEnum], **labels: tuple[str, str]) -> dict[StrEnum, Label]:
    """The values of an enum with their words, by value."""
    return {kind(code): Label(*words) for code, words in labels.items()}
