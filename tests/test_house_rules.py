"""Rules of the house that no single room can keep: what one names, another must have."""

from __future__ import annotations

import ast
import logging
import re
import tomllib
from pathlib import Path
from typing import get_type_hints

import pytest
import yaml
from temporalio import workflow

import workflows
from api.desk import update_name
from domain import commands as c
from domain.acts import ACTS
from domain.compensation import SCHEDULES
from domain.labels import LABELS, label
from domain.notices import Template
from domain.permits import WHO
from domain.rulebook import read_rulebook
from domain.values import Owed
from tests.domain.complaints import COMMANDS, PLAN
from workflows.complaint import ComplaintWorkflow

BOOK = read_rulebook(yaml.safe_load((Path(__file__).parents[1] / "rulebooks" / "starter.yaml").read_text()))
DEFINITION = workflow._Definition.must_from_class(ComplaintWorkflow)


@pytest.mark.parametrize("code", sorted(PLAN.categories))
def test_every_category_reads_well_and_knows_what_it_owes(code: str) -> None:
    category = PLAN.categories[code]
    labels = BOOK.categories.codes[code].labels
    assert labels["zh"]
    assert labels["en"].isascii()
    assert category.schedule in SCHEDULES
    assert category.default_cause in PLAN.causes


@pytest.mark.parametrize("owed", Owed)
def test_everything_owed_has_a_clock_a_ladder_and_a_name(owed: Owed) -> None:
    assert owed in PLAN.clocks
    assert PLAN.ladder(owed)
    assert all(label(owed, language) for language in ("zh", "en"))
    assert owed in LABELS[Owed]


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_decision_is_heard_by_the_process_checked_and_for_somebody(kind: type[c.Command]) -> None:
    heard = DEFINITION.updates[update_name(kind)]
    assert [kind] == heard.arg_types
    assert heard.validator is not None
    assert get_type_hints(heard.fn)["return"] is c.Receipt
    assert kind in ACTS
    assert kind in WHO


def test_the_process_hears_nothing_else() -> None:
    assert set(DEFINITION.updates) == {update_name(kind) for kind in COMMANDS}
    assert set(DEFINITION.queries) == {"view"}


@pytest.mark.parametrize("owed", Owed)
def test_everything_that_can_be_owed_is_opened_somewhere(owed: Owed) -> None:
    assert f"Owed.{owed.name}" in "".join(file.read_text() for file in _room())


def _room() -> list[Path]:
    return sorted(Path(workflows.__path__[0]).glob("*.py"))


def test_what_a_process_says_by_name_is_a_letter() -> None:
    """The sides of a review, and the rungs of every ladder, are told through a helper that takes the letter's name."""
    named = set()
    for file in _room():
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(attr="_tell_sides"), args=[_, ast.Constant(value=str(template)), *_]):
                    named.add(template)
                case ast.Call(
                    func=ast.Attribute(attr="tell"),
                    args=[ast.IfExp(body=ast.Constant(value=str(then)), orelse=ast.Constant(value=str(otherwise))), *_],
                ):
                    named |= {then, otherwise}
    assert {"ruled", "appeal_decided", "late", "reminder"} <= named <= set(Template)


PURE = {
    "__future__",
    "annotated_types",
    "asyncio",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "functools",
    "hashlib",
}
PURE |= {"inspect", "itertools", "json", "math", "operator", "pydantic", "re", "types", "typing", "zoneinfo"}
OURS = {"activities", "domain", "workflows"}


@pytest.mark.parametrize("room", ["domain", "workflows"])
def test_nothing_a_process_runs_asks_the_wall_or_chance(room: str) -> None:
    """Replayed, it must decide the same again. Temporal's sandbox never looks into `domain`, into `workflows` only in tests."""
    for file in sorted((Path(workflows.__path__[0]).parent / room).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Import(names=names):
                    imported = {name.name.split(".")[0] for name in names}
                case ast.ImportFrom(module=str(module)):
                    imported = {module.split(".")[0]}
                case ast.Attribute(value=ast.Name(id="datetime" | "date"), attr="now" | "today" | "utcnow"):
                    pytest.fail(f"{file.name}:{node.lineno} asks the wall clock; `now` is an argument")
                case ast.Call(func=ast.Name(id="open" | "input" | "id" | "hash")):
                    pytest.fail(f"{file.name}:{node.lineno} calls what differs from run to run")
                case _:
                    continue
            allowed = PURE | OURS | ({"temporalio"} if room == "workflows" else set())
            assert imported <= allowed, f"{file.name} imports {', '.join(imported - allowed)}"


def test_only_the_desk_waits() -> None:
    """Architecture 8: a time-out caught nowhere would end a complaint. The circular and the monthly sheet are none: they rest."""
    waits = {
        file.name
        for file in _room()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("wait_condition", "sleep")
    }
    assert waits <= {"desk.py", "alarm.py", "chronicle.py", "circular.py", "corrections.py", "sheets.py"}


def test_only_the_facade_calls_activities() -> None:
    """Architecture 9: one place has time-outs and retries, and turns an activity that gave up into an outcome.

    Housekeeping, the circular and the monthly sheet are no complaints: their activities fail or are retried for ever, and end
    nothing.
    """
    calls = {
        file.name
        for file in _room()
        if {"execute_activity", "execute_local_activity"} & set(re.findall(r"\w+", file.read_text()))
    }
    assert calls <= {"outside.py", "housekeeping.py", "circular.py", "sheets.py"}


def test_no_log_line_of_a_process_takes_a_name_that_logging_keeps_for_itself() -> None:
    """`extra` with such a key raises, and inside a process that stops the complaint where INFO is logged."""
    kept = {*vars(logging.makeLogRecord({})), "message", "asctime"}
    extras = [
        keyword.value
        for file in _room()
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "extra"
    ]
    named = {key.value for extra in extras if isinstance(extra, ast.Dict) for key in extra.keys if isinstance(key, ast.Constant)}
    assert "complaint" in named
    assert not named & kept


def test_every_room_that_is_installed_is_in_the_image() -> None:
    root = Path(workflows.__path__[0]).parent
    packages = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    given = {line.removeprefix("!") for line in (root / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {package.split(".")[0] for package in packages} <= given
