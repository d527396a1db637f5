"""A rulebook as text: YAML read without trust, and everything wrong with it told at once, with the line it is on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import yaml

from domain.rulebook import BrokenRulebook, Place, Problem, Rulebook, content_hash, inspect, warnings_of

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 10_000
MAX_TOLD = 100
"""Of what is wrong; whoever has more mends these first."""
PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "bool", "null", "timestamp", "map", "seq")}
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,14})")


@dataclass(frozen=True)
class Checked:
    """A document examined: sound when it has a `rulebook` and no `problems`; warnings stop nobody.

    Sentences begin with `line N: ` where a line is to blame, and are in the order of the lines.
    """

    document: dict[str, Any] = field(repr=False)
    rulebook: Rulebook | None = field(repr=False)
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        return self.rulebook is not None and not self.problems

    @property
    def hash(self) -> str:
        return content_hash(self.document)


class Fault(NamedTuple):
    line: int | None
    says: str

    def __str__(self) -> str:
        return self.says if self.line is None else f"line {self.line}: {self.says}"


class _Unreadable(Exception):
    def __init__(self, *faults: Fault) -> None:
        self.faults = faults


def check(
    source: str | bytes,
    *,
    known_years: Collection[int] | None = None,
    besides: Callable[[dict[str, Any]], Iterable[Problem]] = lambda document: (),
) -> Checked:
    """Everything wrong with a rulebook in YAML, and what to look at again. Never raises; half a second for the largest.

    `known_years` are those whose public holidays the house knows; None does not look. `besides` looks at a well-formed
    document for what another room knows: whether its letters can be written.
    """
    try:
        document, root = _read(source)
    except _Unreadable as wrong:
        return Checked({}, None, _told(wrong.faults))
    rulebook, problems = inspect(document)
    if rulebook is not None:
        problems += besides(document)
    warnings = warnings_of(rulebook, known_years) if rulebook is not None else ()
    told = [_told(Fault(_line(root, one.place), str(one)) for one in found) for found in (problems, warnings)]
    return Checked(document, rulebook, *told)


def parse(source: str | bytes) -> dict[str, Any]:
    """The document in a YAML text, as JSON would say it; BrokenRulebook when it is no honest YAML mapping."""
    try:
        return _read(source)[0]
    except _Unreadable as wrong:
        raise BrokenRulebook(list(_told(wrong.faults))) from None


class _Loader(yaml.SafeLoader):
    """Plain YAML, bounded in depth and size while it is read."""

    depth = nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.depth += 1
        self.nodes += 1
        if self.depth > MAX_DEPTH:
            raise _Unreadable(Fault(self._here, f"nested deeper than {MAX_DEPTH} levels"))
        if self.nodes > MAX_NODES:
            raise _Unreadable(Fault(self._here, f"the document holds more than {MAX_NODES:,} values"))
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    @property
    def _here(self) -> int:
        return int(self.peek_event().start_mark.line) + 1  # type: ignore[no-untyped-call]


def _read(source: str | bytes) -> tuple[dict[str, Any], yaml.MappingNode]:
    """The document and where everything in it stands."""
    loader = None
    try:
        loader = _Loader(_text(source))
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise _Unreadable(Fault(None, "the document is not a mapping of sections"))
        if faults := list(_faults(node, loader)):
            raise _Unreadable(*faults)
        _unfold(node, {}, set())
        return json.loads(json.dumps(loader.construct_document(node), default=date.isoformat, allow_nan=False)), node
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        tab = wrong.problem is not None and r"'\t'" in wrong.problem
        says = "a tab: YAML is indented with spaces" if tab else f"not plain YAML: {wrong.problem or wrong.context}"
        raise _Unreadable(Fault(mark.line + 1 if mark else None, says)) from None
    finally:
        if loader is not None:
            loader.dispose()


def _text(source: str | bytes) -> str:
    try:
        raw = source.encode() if isinstance(source, str) else source
    except UnicodeEncodeError:
        raise _Unreadable(Fault(None, "not plain YAML: half a character (a lone surrogate)")) from None
    if len(raw) > MAX_BYTES:
        raise _Unreadable(Fault(None, f"the document is larger than {MAX_BYTES // 1024} kB"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        raise _Unreadable(Fault(line, f"not plain YAML: byte 0x{raw[wrong.start]:02x} is not UTF-8")) from None
    if strange := yaml.reader.Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        raise _Unreadable(Fault(line, f"not plain YAML: character U+{ord(strange.group()):04X} has no place in a text"))
    return text


def _faults(root: yaml.Node, loader: _Loader) -> Iterator[Fault]:
    """What no rulebook says, wherever it stands: keys said twice, merge keys, foreign tags, numbers that are none."""
    waiting, seen = [root], {root}
    while waiting:
        node = waiting.pop()
        inside: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            yield from _key_faults(node)
            inside = [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            inside = list(node.value)
        if (says := _fault_of(node, loader)) is not None:
            yield Fault(node.start_mark.line + 1, says)
        waiting += (fresh := [child for child in inside if child not in seen])
        seen.update(fresh)


def _key_faults(node: yaml.MappingNode) -> Iterator[Fault]:
    said: set[str] = set()
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            yield Fault(line, "a key must be a plain word")
        elif key.tag.endswith(":merge"):
            yield Fault(line, "merge keys (<<) have no place in a rulebook; write it out, or use an alias for the whole")
        elif key.value in said:
            yield Fault(line, f"{_short(key.value)} is said twice")
        elif not key.tag.endswith(":str"):
            yield Fault(line, f"the key {_short(key.value)} is not read as a word; put it in quotes")
        else:
            said.add(key.value)


def _fault_of(node: yaml.Node, loader: _Loader) -> str | None:
    kind = node.tag.rpartition(":")[2]
    if kind == "float":
        return f"{_short(node.value)} is no whole number; as a name or a time put it in quotes"
    if node.tag not in PLAIN:
        return f"not plain YAML: {_short(node.tag)} has no place in a rulebook"
    if kind == "int" and not _WHOLE.fullmatch(node.value):
        return f"{_short(node.value)} is no plain number of at most 15 digits; as a name or a time put it in quotes"
    if isinstance(node, yaml.ScalarNode) == (kind in ("map", "seq")):
        return f"not plain YAML: {_short(node.tag)} in the wrong place"
    if kind == "timestamp" and isinstance(node, yaml.ScalarNode):
        try:
            loader.construct_yaml_timestamp(node)
        except ValueError as wrong:
            return f"{_short(node.value)} cannot be read as a date: {wrong}"
    return None


def _unfold(node: yaml.Node, sizes: dict[yaml.Node, int], above: set[yaml.Node]) -> int:
    """How many nodes a node stands for once its aliases are written out: small files may unfold into enormous ones."""
    if node in sizes:
        return sizes[node]
    line = node.start_mark.line + 1
    if node in above:
        raise _Unreadable(Fault(line, "this contains itself"))
    above.add(node)
    inside = [value for _, value in node.value] if isinstance(node, yaml.MappingNode) else node.value
    size = 1 + (0 if isinstance(node, yaml.ScalarNode) else sum(_unfold(value, sizes, above) for value in inside))
    above.discard(node)
    if size > MAX_NODES:
        raise _Unreadable(Fault(line, "the document unfolds into too much"))
    sizes[node] = size
    return size


def _line(node: yaml.Node, place: Place) -> int | None:
    """The line of a place, or of the nearest there is above it."""
    line = None
    for part in place:
        match node:
            case yaml.MappingNode():
                found = next(((key, value) for key, value in node.value if key.value == part), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            case yaml.SequenceNode() if isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line + 1
            case _:
                break
    return line


def _short(said: str) -> str:
    return repr(said if len(said) <= 40 else f"{said[:37]}…")


def _told(faults: Iterable[Fault]) -> tuple[str, ...]:
    ordered = sorted(faults, key=lambda fault: fault.line or 0)
    told = [str(fault) for fault in ordered[:MAX_TOLD]]
    return (*told, f"and {len(ordered) - MAX_TOLD} more") if len(ordered) > MAX_TOLD else tuple(told)
