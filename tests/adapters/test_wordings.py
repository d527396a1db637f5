"""Letters in a rulebook's own words: written as it says, and refused before publication when they could not be."""

from __future__ import annotations

from typing import Any

import pytest

from activities.notices import DueNotice, Letter, Unwritable
from adapters.letters import Letters, problems_of_wordings
from domain.notices import ADDED, TOLD, Template

OFFERED = {"subject": "赔付方案（{{ number }}）", "body": "愿付您 {{ amount | money }}。\n{% include '_customer.txt.j2' %}\n"}


def worded(wording: dict[str, Any] | None, template: Template = Template.OFFERED, **params: Any) -> Letter:
    told = {**TOLD[template], **ADDED.get(template, {}), **params}
    notice = DueNotice(number="A1", key="k", template=template, to="complainant", language="zh", params=told, wording=wording)
    return Letters().write(notice)


def problems(subject: Any = "S {{ number }}", body: Any = "B", template: str = "offered", language: str = "zh") -> list[str]:
    return problems_of_wordings({"notices": {"wordings": {template: {language: {"subject": subject, "body": body}}}}})


def test_a_rulebooks_own_words_replace_the_shipped_ones() -> None:
    letter = worded(OFFERED)
    assert letter.subject == "赔付方案（A1）"
    assert letter.body == "愿付您 ¥1,234.50。\n联系我们时请告知投诉编号 A1。\n\n客户服务中心 敬上\n"
    assert problems(**OFFERED) == []


def test_what_is_told_is_never_read_as_a_template() -> None:
    letter = worded({"subject": "S", "body": "{{ text }}"}, Template.EMERGENCY, text="{{ 7 * 7 }} {% raise %}")
    assert letter.body == "{{ 7 * 7 }} {% raise %}\n"


@pytest.mark.parametrize("template", [template for template in Template if template is not Template.DIGEST])
def test_every_letter_may_be_reworded_with_all_it_is_told(template: Template) -> None:
    names = " ".join(f"{{{{ {name} }}}}" for name in {**TOLD[template], **ADDED.get(template, {})})
    assert problems(body=f"B {names}", template=template) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ amount", "cannot be read"),
        ("{{ amount | moneyy }}", "may name what the letter knows"),
        ("{{ sum }}", "it asks for sum; this letter knows amount, answer_by, number"),
        ("{% if granted %}x{% endif %}", "it asks for granted"),
        ("{{ answer_by | money }}", "unsupported operand"),
        ("{{ amount | when }}", "Invalid isoformat"),
        ("{% for x in range(9) %}{{ x }}{% endfor %}", "may name what the letter knows"),
        ("{{ 'x' * 1000000000 }}", "may name what the letter knows"),
        ("{{ 'x' | center(1000000000) }}", "may name what the letter knows"),
        ("{{ number.__class__ }}", "may name what the letter knows"),
        ("{% include 'closed.txt.j2' %}", "may only include"),
        ("{% include '../../starter.yaml' %}", "may only include"),
        ("x" * 10_001, "longer than 10000"),
        ("  ", "it has no body"),
        (7, "it has no body"),
    ],
)
def test_a_wording_that_could_not_be_written_is_found_before_it_is_published(body: Any, said: str) -> None:
    (problem,) = problems(body=body)
    assert problem.startswith("notices.wordings.offered.zh: ")
    assert said in problem


@pytest.mark.parametrize("subject", ["{{ number }}\nBcc: x", "", "{{ '' }}"])
def test_a_subject_is_one_line(subject: str) -> None:
    assert len(problems(subject=subject)) == 1


@pytest.mark.parametrize("template", ["tea", "digest"])
def test_what_is_no_letter_about_one_complaint_has_no_wording(template: str) -> None:
    assert problems(template=template) == [f"notices.wordings.{template}: there is no such letter about one complaint"]


@pytest.mark.parametrize(
    "document", [{}, {"notices": None}, {"notices": {"wordings": []}}, {"notices": {"wordings": {"offered": 1}}}]
)
def test_a_document_without_wordings_has_no_problem_with_them(document: dict[str, Any]) -> None:
    assert problems_of_wordings(document) == []


@pytest.mark.parametrize("wording", [{}, {"subject": "S"}, {"subject": "S", "body": "{{ sum }}"}, {"subject": "S", "body": "{{"}])
def test_a_wording_that_was_never_checked_holds_up_its_own_letter_only(wording: dict[str, Any]) -> None:
    with pytest.raises(Unwritable, match="offered cannot be written"):
        worded(wording)
