"""A rulebook's way over HTTP: checked, drafted, confirmed by two others, and in force within a second."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml

from api.plans import InForce
from store import rulebooks
from tests.api.conftest import Counter, complaint
from tests.api.test_refusals import is_problem
from tests.store.test_rulebook_text import LAUGHS, STARTER

Person = dict[str, str]


@pytest.fixture
def drafter(lonely: Counter) -> Person:
    return lonely.as_("hq_agent", sub="c-drafts")


@pytest.fixture
def reviewer(lonely: Counter) -> Person:
    return lonely.as_("hq_reviewer", sub="c-reviews")


@pytest.fixture
def approver(lonely: Counter) -> Person:
    return lonely.as_("hq_supervisor", sub="c-approves")


def document(**changes: Any) -> dict[str, Any]:
    """The starter under a version of its own, which takes effect long after the tests have run."""
    read: dict[str, Any] = rulebooks.parse(STARTER)
    return read | {"version": uuid4().hex[:8], "effective": "2090-01-01"} | changes


async def brings(counter: Counter, who: Person, source: str | dict[str, Any], path: str = "") -> httpx.Response:
    """A document as a file of YAML, or as JSON."""
    media, body = ("application/yaml", source) if isinstance(source, str) else ("application/json", json.dumps(source))
    return await counter.http.post(f"/v1/rulebooks{path}", content=body.encode(), headers=who | {"Content-Type": media})


async def drafted(counter: Counter, who: Person, **changes: Any) -> dict[str, Any]:
    answer = await brings(counter, who, document(**changes))
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def confirms(counter: Counter, who: Person, version: str, role: str, **more: Any) -> httpx.Response:
    return await counter.post(f"/rulebooks/{version}/confirm", {"role": role} | more, who)


async def listed(counter: Counter, who: Person) -> dict[str, str]:
    return {item["version"]: item["status"] for item in (await counter.get("/rulebooks", who)).json()["items"]}


async def test_three_people_publish_a_rulebook(lonely: Counter, drafter: Person, reviewer: Person, approver: Person) -> None:
    draft = await drafted(lonely, drafter)
    version = draft["version"]
    assert (draft["status"], draft["waits_for"], draft["published_at"]) == ("draft", ["reviewer", "approver"], None)
    reviewed = (await confirms(lonely, reviewer, version, "reviewer", hash=draft["hash"])).json()
    assert (reviewed["status"], reviewed["waits_for"]) == ("draft", ["approver"])
    assert (await listed(lonely, drafter))[version] == "draft"
    approved = await confirms(lonely, approver, version, "approver")
    assert approved.status_code == 200, approved.text
    published = approved.json()
    assert (published["status"], published["waits_for"], published["published_by"]) == ("published", [], "c-approves")
    assert [(one["role"], one["by"]) for one in published["confirmations"]] == [
        ("drafter", "c-drafts"),
        ("reviewer", "c-reviews"),
        ("approver", "c-approves"),
    ]
    assert (await confirms(lonely, approver, version, "approver")).json() == published
    shown = (await lonely.get(f"/rulebooks/{version}", lonely.as_("branch_agent", "minhang"))).json()
    assert (shown["document"]["version"], shown["hash"]) == (version, draft["hash"])
    again = await brings(lonely, reviewer, shown["document"])
    assert (again.status_code, again.json()["status"]) == (200, "published")
    is_problem(await brings(lonely, drafter, shown["document"] | {"note": "Other."}), 409)


async def test_one_person_is_not_two_and_an_approver_is_a_supervisor(
    lonely: Counter, drafter: Person, reviewer: Person, approver: Person
) -> None:
    version = (await drafted(lonely, approver))["version"]
    for role in ("reviewer", "approver"):
        refused = is_problem(await confirms(lonely, approver, version, role), 409)
        assert refused["type"] == "urn:amends:problem:not-three-people"
        assert "three people" in refused["detail"]
    is_problem(await confirms(lonely, reviewer, version, "approver"), 403)
    assert (await confirms(lonely, reviewer, version, "reviewer")).status_code == 200
    is_problem(await confirms(lonely, drafter, version, "reviewer"), 409)
    is_problem(await confirms(lonely, lonely.as_("hq_supervisor", sub="c-reviews"), version, "approver"), 409)
    is_problem(await confirms(lonely, drafter, version, "drafter"), 422)
    is_problem(await confirms(lonely, drafter, version, "friend"), 422)
    assert (await listed(lonely, drafter))[version] == "draft"


async def test_a_changed_draft_loses_its_confirmations_and_who_read_the_old_one_is_told(
    lonely: Counter, drafter: Person, reviewer: Person, approver: Person
) -> None:
    draft = await drafted(lonely, drafter)
    version = draft["version"]
    await confirms(lonely, reviewer, version, "reviewer")
    again = await brings(lonely, drafter, document(version=version))
    assert (again.status_code, again.json()["waits_for"]) == (200, ["approver"])
    changed = await drafted(lonely, drafter, version=version, note="Read again, please.")
    assert changed["waits_for"] == ["reviewer", "approver"]
    stale = is_problem(await confirms(lonely, approver, version, "approver", hash=draft["hash"]), 409)
    assert changed["hash"] in stale["detail"]


@pytest.mark.parametrize("role", ["branch_agent", "branch_manager", "auditor"])
async def test_who_is_not_of_hq_or_changes_nothing_neither_drafts_nor_confirms(
    lonely: Counter, drafter: Person, role: str
) -> None:
    somebody = lonely.as_(role, "minhang" if role.startswith("branch") else None)
    is_problem(await brings(lonely, somebody, document()), 403)
    version = (await drafted(lonely, drafter))["version"]
    is_problem(await confirms(lonely, somebody, version, "reviewer"), 403)
    assert (await listed(lonely, drafter))[version] == "draft"
    assert (version in await listed(lonely, somebody)) == (role == "auditor")
    assert (await lonely.get(f"/rulebooks/{version}", somebody)).status_code == (200 if role == "auditor" else 404)


async def test_nobody_confirms_what_is_not_there_or_came_with_the_installation(lonely: Counter, reviewer: Person) -> None:
    is_problem(await confirms(lonely, reviewer, "none", "reviewer"), 404)
    starter = yaml.safe_load(STARTER)["version"]
    assert "is published" in is_problem(await confirms(lonely, reviewer, starter, "reviewer"), 409)["detail"]


BROKEN = {
    "no rulebook": "a: 1",
    "a bomb": LAUGHS,
    "a key twice": STARTER + "\nnote: twice\n",
    "a field nobody knows": STARTER + "\ncolour: red\n",
    "nothing": "",
    "bytes": "\ufeff\0",
    "infinity": re.sub(r"(?m)^effective: .*$", "effective: .inf", STARTER),
}


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.replace(" ", "-"))
async def test_a_broken_rulebook_is_told_all_that_is_wrong_with_it_and_not_drafted(
    lonely: Counter, drafter: Person, case: str
) -> None:
    before = await listed(lonely, drafter)
    told = (await brings(lonely, drafter, BROKEN[case], "/check")).json()
    assert not told["sound"]
    refused = is_problem(await brings(lonely, drafter, BROKEN[case]), 422)
    assert refused["type"] == "urn:amends:problem:broken-rulebook"
    assert [error["detail"] for error in refused["errors"]] == [problem["detail"] for problem in told["problems"]] != []
    assert await listed(lonely, drafter) == before


async def test_what_is_wrong_is_told_with_its_line(lonely: Counter, drafter: Person) -> None:
    text = STARTER + "\ncolour: red\n"
    (problem,) = (await brings(lonely, drafter, text, "/check")).json()["problems"]
    assert text.splitlines()[problem["line"] - 1] == "colour: red"
    (error,) = is_problem(await brings(lonely, drafter, text), 422)["errors"]
    assert (error["field"], error["detail"]) == (f"line {problem['line']}", problem["detail"])


async def test_a_letter_that_cannot_be_written_is_told_with_its_line(lonely: Counter, drafter: Person) -> None:
    wording = {language: {"subject": "S", "body": "{{ nobody }}"} for language in ("zh", "en")}
    worded = document(notices=document().get("notices", {}) | {"wordings": {"late": wording}})
    told = (await brings(lonely, drafter, worded, "/check")).json()
    assert [problem["detail"].split(":")[0] for problem in told["problems"]] == [
        "notices.wordings.late.zh",
        "notices.wordings.late.en",
    ]
    assert all(problem["line"] for problem in told["problems"])


async def test_a_sound_one_is_told_its_hash_and_nothing_is_kept(lonely: Counter, drafter: Person) -> None:
    agent = lonely.as_("branch_agent", "minhang")
    text = re.sub(r"(?m)^version: .*$", "version: only-asked", STARTER)
    in_yaml = (await brings(lonely, agent, text, "/check")).json()
    in_json = (
        await brings(lonely, agent, document(version="only-asked", effective=rulebooks.parse(STARTER)["effective"]), "/check")
    ).json()
    assert {**in_json, "warnings": []} == {**in_yaml, "warnings": []}
    assert (in_yaml["sound"], in_yaml["problems"], in_yaml["version"], len(in_yaml["hash"])) == (True, [], "only-asked", 64)
    written = text.splitlines()
    (unknown,) = (warning for warning in in_yaml["warnings"] if "public holidays of 2027" in warning["detail"])
    assert written[unknown["line"] - 1].startswith("effective:")
    assert "only-asked" not in await listed(lonely, drafter)


@pytest.mark.parametrize("body", [b"{", b'{"a": 1, "a": 2}', b'{"a": Infinity}', b"[" * 100_000, b'{"a": "\\ud800"}', b"\xff"])
async def test_json_that_is_none_is_bad_input(lonely: Counter, drafter: Person, body: bytes) -> None:
    headers = drafter | {"Content-Type": "application/json"}
    for path in ("", "/check"):
        is_problem(await lonely.http.post(f"/v1/rulebooks{path}", content=body, headers=headers), 422)


async def test_ten_megabytes_are_too_large(lonely: Counter, drafter: Person) -> None:
    is_problem(await brings(lonely, drafter, STARTER + "#" * 10_000_000), 413)


async def test_a_version_just_published_is_followed_within_a_second_and_one_for_later_is_not(
    lonely: Counter, drafter: Person, reviewer: Person, approver: Person
) -> None:
    agent = lonely.as_("branch_agent", "minhang")

    async def follows() -> str:
        said = await lonely.post("/complaints", complaint(waybill=uuid4().hex), agent)
        shown = await lonely.get(f"/complaints/{said.json()['number']}", agent)
        return str(shown.json()["rulebook"]["version"])

    before = await follows()
    later, now = await drafted(lonely, drafter), await drafted(lonely, drafter, effective=rulebooks.parse(STARTER)["effective"])
    for draft in (later, now):
        await confirms(lonely, reviewer, draft["version"], "reviewer")
    assert await follows() == before
    for draft in (later, now):
        await confirms(lonely, approver, draft["version"], "approver")
    await asyncio.sleep(InForce.FRESH)
    assert await follows() == now["version"]
    statuses = await listed(lonely, drafter)
    assert (statuses[later["version"]], statuses[now["version"]], statuses[before]) == ("published", "effective", "published")


async def test_a_draft_that_would_never_be_in_force_says_so(lonely: Counter, drafter: Person) -> None:
    told = await drafted(lonely, drafter, effective="2020-01-01")
    assert "stays in force: it is later" in told["warnings"][-1]["detail"]


async def test_two_versions_are_compared_in_sentences_of_either_language(
    lonely: Counter, drafter: Person, reviewer: Person
) -> None:
    starter = rulebooks.parse(STARTER)
    faster = document(effective=starter["effective"])
    faster["clocks"]["obligations"]["order_change"]["time"] = "PT15M"
    version = (await brings(lonely, drafter, faster)).json()["version"]
    for language in ("en", "zh"):
        asked = {"a": starter["version"], "b": version, "language": language}
        said = (await lonely.get("/rulebooks/diff", reviewer, **asked)).json()["differences"]
        (sentence,) = (one for one in said if "15" in one)
        assert sentence.isascii() == (language == "en") or "→" in sentence
    same = await lonely.get("/rulebooks/diff", reviewer, a=version, b=version)
    assert same.json()["differences"] == []
    is_problem(await lonely.get("/rulebooks/diff", reviewer, a=version, b="none"), 404)
    is_problem(await lonely.get("/rulebooks/diff", reviewer, a=version, b=version, language="fr"), 422)
    is_problem(await lonely.get("/rulebooks/diff", lonely.as_("branch_agent", "minhang"), a=version, b=version), 404)


async def test_editors_are_given_the_schema(lonely: Counter) -> None:
    schema = (await lonely.get("/rulebooks/schema", lonely.as_("branch_agent", "minhang"))).json()
    assert set(rulebooks.parse(STARTER)) <= set(schema["properties"])
