"""A rulebook's text is read without trust: everything wrong with it is told at once, with its line, and quickly."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.rulebook import BrokenRulebook, content_hash
from domain.values import Owed
from store.rulebook_text import MAX_TOLD, check, parse
from store.rulebooks import Stored

STARTER = (files("rulebooks") / "starter.yaml").read_text("utf-8")
LINES = STARTER.splitlines()

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)

DISHONEST: list[tuple[str | bytes, str]] = [
    (LAUGHS, r"^line \d+: the document unfolds into too much$"),
    ("a: 1\nb: &a [*a]", "^line 2: this contains itself$"),
    ("a: &a {b: {c: *a}}", "^line 1: this contains itself$"),
    ("a: 1\nb: 2\na: 3", "^line 3: 'a' is said twice$"),
    ("[" * 5000, "^line 1: nested deeper than 20 levels$"),
    ("a:\n" + "".join(f"{' ' * n}- \n" for n in range(1, 40)), "nested deeper|not plain"),
    ("a: " + "x" * 10_000_000, "^the document is larger than 256 kB$"),
    ("a:\n" + "  - 1\n" * 11_000, r"^line 99\d\d: the document holds more than 10,000 values$"),
    ("- a\n- b", "not a mapping"),
    ("", "not a mapping"),
    ("a: !!python/object/apply:os.system ['true']", "^line 1: not plain YAML: .*python/object.* has no place"),
    ("a: !!binary aGk=", "binary' has no place"),
    ("a: !!set {x, y}", "set' has no place"),
    ("a: !!str [1]", "in the wrong place"),
    ("a: 2026-13-45", "^line 1: '2026-13-45' cannot be read as a date"),
    ("b: 1\na: .nan", "^line 2: '.nan' is no whole number"),
    ("a: .inf", "^line 1: '.inf' is no whole number"),
    ("a: 1.5e+999", "^line 1: '1.5e.999' is no whole number"),
    ("a: " + "9" * 200_000, "^line 1: '9999.*…' is no plain number"),
    ("a: 18:00", "^line 1: '18:00' is no plain number of at most 15 digits; as a name or a time put it in quotes$"),
    ("a: 0x10", "no plain number"),
    ("a: {b: 1}\n<<: {c: 1}", r"^line 2: merge keys \(<<\) have no place"),
    ("a: 1\nyes: 2", "^line 2: the key 'yes' is not read as a word"),
    ("a:\n\tb: 1", "^line 2: a tab: YAML is indented with spaces$"),
    ("a: [1, 2", "^line 1: not plain YAML"),
    ("a: *b", "undefined alias"),
    ("a: 1\nb: \0", r"^line 2: not plain YAML: character U\+0000"),
    ("a: \ud800", "half a character"),
    ("? [a, b]\n: 1", "^line 1: a key must be a plain word$"),
    (b"a: 1\nb: \xff\xfe", "^line 2: not plain YAML: byte 0xff is not UTF-8$"),
    ("a: 1\n--- \nb: 2", "^line 2: not plain YAML: but found another document"),
]


@pytest.mark.parametrize(("source", "said"), DISHONEST, ids=range(len(DISHONEST)))
def test_what_is_no_honest_document_is_told_so_in_a_sentence_with_its_line_within_a_second(
    source: str | bytes, said: str
) -> None:
    began = time.perf_counter()
    checked = check(source)
    assert time.perf_counter() - began < 2
    assert not checked.sound
    assert re.search(said, checked.problems[0])
    with pytest.raises(BrokenRulebook, match=said):
        parse(source)


@pytest.mark.parametrize(
    "word", ["Infinity", "1.5e999", "NaN", "1e5", "'200000'", "true", "~", "2026-01-01", "-1", "[1]", "999999999999999"]
)
def test_a_sum_is_a_whole_number_of_fen_and_nothing_that_looks_like_one(word: str) -> None:
    source = STARTER.replace("manager: 200000}", f"manager: {word}}}")
    at = 1 + next(number for number, line in enumerate(source.splitlines()) if line.startswith("limits:"))
    assert any(problem.startswith(f"line {at}: limits") for problem in check(source).problems)


def test_everything_dishonest_is_told_at_once_in_the_order_of_the_lines() -> None:
    assert [problem.partition(": ")[0] for problem in check("a: .inf\nb: 18:00\na: 3\nc: !!binary aGk=\non: 1").problems] == [
        "line 1", "line 2", "line 3", "line 4", "line 5",
    ]  # fmt: skip


def test_a_list_of_errors_has_an_end() -> None:
    told = check("".join(f"nonsense_{n}: 1\n" for n in range(500))).problems
    assert len(told) == MAX_TOLD + 1
    assert told[-1].startswith("and ")


def test_the_starter_is_sound_and_says_which_sources_nobody_checked() -> None:
    checked = check(STARTER, known_years=(2025, 2026, 2027))
    assert checked.sound
    assert checked.problems == ()
    assert [LINES[_line(warning) - 1].split(":")[0].strip() for warning in checked.warnings] == [
        "handbook",
        "law",
        "practice",
        "starter",
    ]


def test_a_verified_source_is_no_warning_but_a_section_nobody_compared_with_it_is() -> None:
    warnings = check(
        STARTER.replace("  law: {", "  law: {verified: true, ").replace("  starter: {", "  starter: {verified: true, ")
    ).warnings
    assert not any("sources.law" in warning or "sources.starter" in warning for warning in warnings)
    assert any("limits is not verified: nobody compared it with its source, starter" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("years", "missing"), [((2025, 2026), "2027"), ((), "2026, 2027"), ((2026, 2027, 2028), None), (None, None)]
)
def test_years_whose_holidays_nobody_knows_are_a_warning(years: tuple[int, ...] | None, missing: str | None) -> None:
    told = [warning for warning in check(STARTER, known_years=years).warnings if "public holidays" in warning]
    assert bool(told) == bool(missing)
    if missing:
        assert f"the public holidays of {missing} are not known yet" in told[0]
        assert LINES[_line(told[0]) - 1].startswith("effective:")


def test_the_last_day_there_is_has_no_year_after_it() -> None:
    last = check(STARTER.replace("effective: 2026-01-01", "effective: 9999-12-31"), known_years=(2026,))
    assert any("the public holidays of 9999 are not known yet" in warning for warning in last.warnings)


@pytest.mark.parametrize(
    ("old", "new", "said", "on"),
    [
        (
            "days: 7, kind: legal",
            "days: 8, kind: legal",
            "clocks.obligations.legal_answer is looser than the law, which gives 7 days",
            "legal_answer:",
        ),
        ("labels: {zh: 丢失, en: Loss}", "labels: {zh: 丢失}", "categories.codes.loss has no en label", "loss:"),
        ("computed_free: 30000", "computed_free: 300000", "limits are out of order: they overlap", "limits:"),
        ("timezone: Asia/Shanghai", "timezone: Mars", "desk.timezone: unknown time zone 'Mars'", "timezone:"),
        ("sun: []", 'sun: [["9:00", "12:00"]]', "desk.week.sun: '9:00' is not a time of day", "sun:"),
        ("note: Starter", "not: Starter", "not is not known here; is it misspelt?", "not:"),
        (
            "default_cause: lost",
            "default_cause: gone",
            "default_cause 'gone' is not a cause",
            "default_cause: gone",
        ),
        (
            "whom: hq_supervisor}",
            "whom: president}",
            "ladders.default[3].whom: 'president' does not exist; it is 'holder', 'manager'",
            "- &top",
        ),
    ],
)
def test_what_is_wrong_with_a_rule_is_told_with_the_line_it_is_on(old: str, new: str, said: str, on: str) -> None:
    source = STARTER.replace(old, new, 1)
    told = next(problem for problem in check(source).problems if said in problem)
    assert source.splitlines()[_line(told) - 1].strip().startswith(on)


def _line(sentence: str) -> int:
    assert sentence.startswith("line "), sentence
    return int(sentence.removeprefix("line ").partition(":")[0])


def test_an_alias_of_the_whole_is_allowed_and_an_error_in_it_is_told_where_it_is_written() -> None:
    source = STARTER.replace("{percent: 100, does: tell, whom: manager}", "{percent: 100, does: tell, whom: holder}")
    at = next(number for number, line in enumerate(source.splitlines(), start=1) if "tell, whom: holder" in line)
    assert {_line(problem) for problem in check(source).problems} == {at}


def test_a_mark_before_the_first_byte_and_windows_lines_are_no_error() -> None:
    assert check(b"\xef\xbb\xbf" + STARTER.replace("\n", "\r\n").encode()).hash == check(STARTER).hash


def test_comments_and_order_do_not_change_what_a_document_says() -> None:
    assert parse("a: 1\nb: 2026-01-02 # note") == parse("b: '2026-01-02'\na: 1") == {"a": 1, "b": "2026-01-02"}


PUBLISHED = (Path(__file__).parents[1] / "domain" / "data" / "rulebook-0.1.0.yaml").read_bytes()


def test_a_version_0_1_0_published_still_reads_and_keeps_its_hash() -> None:
    document = parse(PUBLISHED)
    assert content_hash(document).startswith("36da5a1b8102900e")
    stored = Stored("2026.1", "x", date(2026, 1, 1), "", document, datetime(2026, 1, 1, tzinfo=UTC), "setup")
    assert stored.rulebook.resolved.clock(Owed.PROMISE, "loss").time == timedelta(days=1)
    assert not stored.rulebook.delays.obligations


def test_what_0_1_0_published_is_sound_but_for_causes_without_a_clause() -> None:
    assert {"names no clause" in problem or "is missing" in problem for problem in check(PUBLISHED).problems} == {True}


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300))
def test_nothing_anybody_sends_is_a_traceback(source: str | bytes) -> None:
    assert not check(source).sound


@settings(max_examples=25, deadline=None)
@given(st.integers(0, len(LINES) - 1), st.text(alphabet="{}[]:,-&*!|>'\"% \t\n#a1<?@`", max_size=6), st.integers(0, 60))
def test_a_slip_of_the_keyboard_in_the_starter_is_no_traceback(line: int, slip: str, column: int) -> None:
    text = LINES[line][:column] + slip + LINES[line][column:]
    checked = check("\n".join([*LINES[:line], text, *LINES[line + 1 :]]))
    assert checked.sound or checked.problems
