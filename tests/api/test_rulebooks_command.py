"""`amends rulebook` as somebody types it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from embedded.children import CannotStart
from rulebook_cli import people
from store import staff
from store.database import Database
from tests.api.prompt import Told, type_here
from tests.embedded.amends_process import amends
from tests.store.test_rulebooks import STARTER

Typed = Callable[..., Told]


@pytest.fixture
def surroundings(fresh_database_url: str) -> dict[str, str]:
    return {"AMENDS_DATABASE_URL": fresh_database_url, "COLUMNS": "200", "LOGNAME": "c-typed"}


@pytest.fixture
def typed(surroundings: dict[str, str]) -> Typed:
    """What `amends rulebook …` answers: its exit code and its words."""
    return partial(type_here, "rulebook", environment=surroundings)


@pytest.fixture
def started(surroundings: dict[str, str]) -> Typed:
    """The same of a process of its own."""
    environment = os.environ | surroundings

    def type_(*words: str) -> Told:
        with amends("rulebook", *words, env=environment) as process:
            return process.ended(), process.said

    return type_


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The starter under a version of this test's own, effective long after it."""
    named = tmp_path / "rules.yaml"
    text = re.sub(r"(?m)^version: .*$", f'version: "{uuid4().hex[:8]}"', STARTER)
    text = re.sub(r"(?m)^effective: .*$", "effective: 2090-01-01", text)
    named.write_text(text, "utf-8")
    return named


def test_a_sound_file_is_called_sound_and_a_broken_one_is_told_all_that_is_wrong(started: Typed, file: Path) -> None:
    code, said = started("check", str(file))
    assert (code, "is sound" in said) == (0, True), said
    file.write_text(file.read_text("utf-8") + "\nnote: twice\n", "utf-8")
    code, said = started("publish", str(file))
    assert (code, "cannot be published" in said, "'note' is said twice" in said) == (1, True, True), said
    assert "Traceback" not in said


def test_one_by_one_three_people_publish_a_file(typed: Typed, file: Path) -> None:
    code, said = typed("publish", str(file))
    assert (code, "drafted, not yet published (drafter c-typed)" in said) == (0, True), said
    assert "waits for its reviewer and its approver" in said
    assert f"amends rulebook publish {file} --by SUB" in said
    assert typed("publish", str(file), "--by", "c-typed") == (0, said)
    code, said = typed("publish", str(file), "--by", "c-wang")
    assert (code, "waits for its approver" in said) == (0, True), said
    version = said.partition("Rulebook ")[2].split()[0]
    assert "draft, waits for approver" in typed("list")[1]
    code, said = typed("publish", str(file), "--by", "c-zhao")
    assert said.endswith(f"Rulebook {version} is published, effective 2090-01-01. Complaints already received keep theirs.\n")
    assert "Warning: line " in said  # the starter's sources are not verified: that stops nobody
    assert "published already" in typed("publish", str(file))[1]
    code, shown = typed("show", version)
    assert code == 0
    written = [shown.index(f"\n{key}:") for key in ("version", "effective", "note", "sources", "desk", "improvement")]
    assert written == sorted(written), "as people write it, not as the register keeps it"
    assert shown.index("    mon:") < shown.index("    tue:") < shown.index("    sun:")
    compared = typed("diff", version, str(file))
    assert compared == (0, "Nothing: they say the same.\n")
    assert [line.split(",")[0] for line in shown.splitlines()[:3]] == [
        "# drafter: c-typed",
        "# reviewer: c-wang",
        "# approver: c-zhao",
    ]
    file.write_text(shown, "utf-8")
    assert "published already" in typed("publish", str(file))[1]
    file.write_text(shown.replace("note: Starter", "note: Other"), "utf-8")
    code, said = typed("publish", str(file), "--by", "c-li")
    assert (code, "published with other content; give the new one its own version" in said) == (1, True), said
    assert "Traceback" not in said


def test_three_at_once_publish_it_for_the_day_they_name(started: Typed, file: Path) -> None:
    three = ("--by", "a", "--by", "b", "--by", "c")
    code, said = started("publish", str(file), "--effective", "2091-05-01", *three)
    assert (code, "published, effective 2091-05-01" in said) == (0, True), said
    assert "2091-05-01" in started("list")[1]


async def test_whom_the_register_knows_does_their_own_part_and_others_are_taken_on_trust_aloud(
    typed: Typed, file: Path, fresh_database: Database
) -> None:
    async with fresh_database.session() as session:
        await staff.seen(session, "c-ann", ["branch_agent"], "minhang")
        await staff.seen(session, "c-rui", ["hq_reviewer"], "hq")
        await staff.seen(session, "c-sun", ["hq_supervisor"], "hq")
    code, said = typed("publish", str(file), "--by", "c-rui", "--by", "c-ann", "--by", "c-sun")
    assert (code, "c-ann is branch_agent in the register; the reviewer is somebody of HQ." in said) == (1, True), said
    code, said = typed("publish", str(file), "--by", "c-new", "--by", "c-sun", "--by", "c-rui")
    assert (code, "c-rui is hq_reviewer in the register; the approver is an HQ supervisor." in said) == (1, True), said
    version = re.findall(r'(?m)^version: "(.*)"', file.read_text("utf-8"))[0]
    assert version not in typed("list")[1], "what was refused left nothing behind"
    code, said = typed("publish", str(file), "--by", "c-new", "--by", "c-rui", "--by", "c-sun")
    assert (code, "has never seen c-new: who they are is taken on trust" in said) == (0, True), said
    assert "is published, effective" in said


def test_a_changed_file_is_confirmed_anew(typed: Typed, file: Path) -> None:
    assert typed("publish", str(file), "--by", "a", "--by", "b")[0] == 0
    file.write_text(file.read_text("utf-8").replace("note: Starter", "note: Read again. Starter"), "utf-8")
    code, said = typed("publish", str(file), "--by", "c")
    assert (code, "(drafter c)" in said, "does not count" in said) == (0, True, True), said
    assert "waits for its reviewer and its approver" in said


@pytest.mark.parametrize("named", [["a", "a"], ["a", "b", "c", "d"], ["a b"], [""]])
def test_three_people_are_three_and_have_codes(named: list[str]) -> None:
    with pytest.raises(CannotStart, match="three people|no staff code"):
        people(named)
    assert people(["a", "b", "c"]) == ["a", "b", "c"]
