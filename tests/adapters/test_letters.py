"""House rules of the letters: every one exists in both languages and renders; customers never read of internal matters."""

from __future__ import annotations

import re
from typing import Any

import pytest

from activities.notices import DueNotice, Letter, Unwritable
from adapters.letters import LETTERS, Letters, money, when
from domain.notices import ADDED, TOLD, Template
from domain.values import Outcome, Owed

DUE = "2026-11-23T01:30:00+00:00"
PARAMS = {template: {**TOLD[template], **ADDED.get(template, {})} for template in Template}
INTERNAL = re.compile(r"总部|审批|处罚|仲裁|裁定|责任网点|HQ|headquarters|approv|penalt|ruling|branch", re.IGNORECASE)
CHINESE = re.compile(r"[一-鿿]")


def write(template: str, language: str, params: dict[str, Any]) -> Letter:
    notice = DueNotice(
        number="A261122-000001", key="3:told", template=template, to="complainant", language=language, params=params
    )
    return Letters().write(notice)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_folder_holds_every_letter_and_no_other(language: str) -> None:
    files = {file.name.removesuffix(".txt.j2") for file in (LETTERS / language).iterdir() if not file.name.startswith("_")}
    assert files == set(Template)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("template", Template)
def test_every_letter_has_a_subject_of_one_line_and_says_its_number(template: Template, language: str) -> None:
    letter = write(template, language, PARAMS[template])
    assert letter.subject
    assert "A261122-000001" in letter.subject + letter.body
    assert "\n\n\n" not in letter.body
    assert bool(CHINESE.search(letter.subject + letter.body)) == (language == "zh")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("template", [t for t in Template if t.for_customer])
def test_customers_never_read_of_internal_matters(template: Template, language: str) -> None:
    letter = write(template, language, PARAMS[template])
    assert not INTERNAL.search(letter.subject + letter.body)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("outcome", Outcome)
def test_a_closing_letter_fits_every_outcome(outcome: Outcome, language: str) -> None:
    letter = write("closed", language, {"outcome": outcome})
    assert not INTERNAL.search(letter.body)
    assert ("12305" in letter.body) == (outcome not in (Outcome.WITHDRAWN, Outcome.MERGED))


@pytest.mark.parametrize("owed", Owed)
def test_a_reminder_names_every_obligation_in_both_languages(owed: Owed) -> None:
    said = {language: write("reminder", language, {"owed": owed, "due": DUE}).subject for language in ("zh", "en")}
    assert CHINESE.search(said["zh"])
    assert not CHINESE.search(said["en"])


def test_a_named_handler_is_named() -> None:
    assert (
        "佛山网点会在 2026年11月23日 09:30 前" in write("acknowledged", "zh", {"by_when": DUE, "handler_name": "佛山网点"}).body
    )


@pytest.mark.parametrize(
    ("why", "zh", "en"),
    [
        ("declined", "客户没有接受", "the customer did not accept"),
        ("refused", "付款被拒", "the payment was refused"),
        ("freight, proven_value", "核算还缺运费、举证价值", "still missing to compute it: freight, proven value"),
    ],
)
def test_a_request_for_a_proposal_says_why(why: str, zh: str, en: str) -> None:
    assert zh in write("proposal_needed", "zh", {"why": why}).body
    assert en in write("proposal_needed", "en", {"why": why}).body


def test_a_language_we_do_not_speak_is_answered_in_chinese() -> None:
    assert CHINESE.search(write("reopened", "fr", {}).subject)


@pytest.mark.parametrize(
    ("template", "params"),
    [
        ("offered", {"amount": 100}),
        ("offered", {"amount": None, "answer_by": DUE}),
        ("offered", {"amount": 100, "answer_by": "soon"}),
        ("reminder", {"owed": "tea", "due": DUE}),
        ("no_such_letter", {}),
        ("../zh/closed", {}),
    ],
)
def test_a_letter_that_cannot_be_written_says_why(template: str, params: dict[str, Any]) -> None:
    with pytest.raises(Unwritable, match="cannot be written"):
        write(template, "zh", params)


@pytest.mark.parametrize(
    ("fen", "read"), [(0, "¥0.00"), (5, "¥0.05"), (123450, "¥1,234.50"), (100_000_000_00, "¥100,000,000.00")]
)
def test_fen_are_read_as_yuan(fen: int, read: str) -> None:
    assert money(fen) == read


@pytest.mark.parametrize(
    ("moment", "zh", "en"),
    [
        ("2026-11-23T01:30:00+00:00", "2026年11月23日 09:30", "23 Nov 2026, 09:30"),
        ("2026-11-23T16:00:00Z", "2026年11月23日 24:00", "23 Nov 2026, 24:00"),
        ("2026-12-31T23:59:00+08:00", "2026年12月31日 23:59", "31 Dec 2026, 23:59"),
    ],
)
def test_due_times_are_shanghais_and_midnight_ends_the_day(moment: str, zh: str, en: str) -> None:
    assert (when(moment, "zh"), when(moment, "en")) == (zh, en)


@pytest.mark.parametrize(("language", "said"), [("zh", "2026年11月23日 10:30"), ("en", "23 Nov 2026, 10:30")])
def test_a_letter_says_times_where_its_complaints_network_works(language: str, said: str) -> None:
    wording = {"subject": "{{ number }}", "body": "{{ by_when | when }}"}
    told: dict[str, Any] = {"template": "acknowledged", "to": "complainant", "language": language, "params": {"by_when": DUE}}
    for own in (None, wording):
        notice = DueNotice(number="A1", key="k", **told, wording=own, zone="Asia/Tokyo")
        if own is None:
            notice = notice.model_copy(update={"params": PARAMS[Template.ACKNOWLEDGED] | {"by_when": DUE}})
        assert said in Letters().write(notice).body
