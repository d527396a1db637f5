"""What differs between two rulebooks, in sentences a courier manager reads: "first contact for order changes: 10 min → 15 min".

Nothing is left out: two rulebooks that differ anywhere have a sentence for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.plan import Frozen
from domain.rulebook_parts import Clock, Place
from domain.rulebook_sections import Rulebook
from domain.rulebook_words import CHANGED, COME, GONE, Words

WHOLE = frozenset({"hours", "week", "clauses", "by", "channels", "of"})
"""Lists read as one value, not item by item."""
KEYED = frozenset({"bands", "tiers"})
"""Lists whose items are known by something of their own."""


def differences(old: Rulebook, new: Rulebook, language: str) -> list[str]:
    """Every difference, in the order of the document; none between equals. `language` is zh or en."""
    return list(_Comparison(old, new, language).of((), old, new))


class _Comparison:
    """Two rulebooks side by side, spoken of in one language."""

    def __init__(self, old: Rulebook, new: Rulebook, language: str) -> None:
        self.words = Words(language, old, new)

    def of(self, place: Place, old: Any, new: Any) -> Iterator[str]:
        """The sentences for what differs at a place and below it."""
        if old == new:
            return
        match old, new:
            case Clock(), Clock():
                yield from self._clock(place, old, new)
            case Frozen(), Frozen():
                for name in type(old).model_fields:
                    yield from self.of((*place, name), getattr(old, name), getattr(new, name))
            case Mapping(), Mapping():
                yield from self._entries(place, old, new)
            case (tuple() | list(), tuple() | list()) if not WHOLE & set(place[-2:]):
                yield from self._items(place, old, new)
            case _:
                yield self._changed(place, old, new)

    def _clock(self, place: Place, old: Clock, new: Clock) -> Iterator[str]:
        if old.model_copy(update={"source": None}) != new.model_copy(update={"source": None}):
            brief = self.words.brief(old), self.words.brief(new)
            whole = self.words.clock(old), self.words.clock(new)
            same_kind = (old.measure, old.kind, old.starts, old.ends) == (new.measure, new.kind, new.starts, new.ends)
            yield self._told(place, *(brief if same_kind and brief[0] != brief[1] else whole))
        yield from self.of((*place, "source"), old.source, new.source)

    def _entries(self, place: Place, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
        for key in [*old, *(key for key in new if key not in old)]:
            here = (*place, str(key))
            if key not in new:
                yield self.words.removed(here, old[key])
            elif key not in old:
                yield self.words.added(here, new[key])
            else:
                yield from self.of(here, old[key], new[key])

    def _items(self, place: Place, old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
        """A list item by item: what is gone and what has come, else that they stand in another order."""
        gone, come = [item for item in old if item not in new], [item for item in new if item not in old]
        was, now = ({self.words.key(item): item for item in items} for items in (old, new))
        if not gone and not come:
            yield self.words.reordered(place, new)
        elif place[-1] in KEYED and (len(was), len(now)) == (len(old), len(new)):
            yield from self._entries(place, was, now)
        else:
            yield from (self.words.item(GONE, place, item) for item in gone)
            yield from (self.words.item(COME, place, item) for item in come)

    def _changed(self, place: Place, old: Any, new: Any) -> str:
        return self._told(place, self.words.value(place, old), self.words.value(place, new))

    def _told(self, place: Place, old: str, new: str) -> str:
        if old == new:
            return self.words.reworded(place)
        return self.words.say(CHANGED, what=self.words.subject(place), old=old, new=new)
