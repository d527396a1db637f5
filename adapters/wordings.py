"""Letters as a rulebook words them: checked before it is published, and rendered in the letters' own sandbox.

A wording is a few sentences with names and filters in them. Nothing in it repeats, calculates or calls: whoever may draft a
rulebook must not be able to hold up the post.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Environment, TemplateError, TemplateSyntaxError, meta, nodes

from domain.notices import ADDED, TOLD, Template

LONGEST = 10_000
FOOTERS = ("_customer.txt.j2", "_staff.txt.j2")
FILTERS = ("money", "when", "facts", "obligation", "outcome", "answer_kind", "escalation")
_PLAIN = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter, nodes.Include),
    *(nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test, nodes.Concat),
)


class CannotBeSaid(Exception):
    """A wording that is no wording; the message says why."""


def spoken(desk: Environment, wording: Mapping[str, Any], told: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body in words. Raises `CannotBeSaid`, or what a template raises."""
    subject, body = (desk.from_string(_source(desk, wording, part)).render(told) for part in ("subject", "body"))
    if not subject.strip() or "\n" in subject.strip():
        raise CannotBeSaid("the subject is not one line")
    return subject, body


def _source(desk: Environment, wording: Mapping[str, Any], part: str) -> str:
    source = wording.get(part)
    if not isinstance(source, str) or not source.strip():
        raise CannotBeSaid(f"it has no {part}")
    if len(source) > LONGEST:
        raise CannotBeSaid(f"its {part} is longer than {LONGEST} characters")
    for node in desk.parse(source).find_all(nodes.Node):
        if not isinstance(node, _PLAIN) or (isinstance(node, nodes.Filter) and node.name not in FILTERS):
            raise CannotBeSaid(
                f"its {part} may name what the letter knows, ask `if`, and filter by {', '.join(FILTERS)}; no more"
            )
        if isinstance(node, nodes.Include) and not (isinstance(node.template, nodes.Const) and node.template.value in FOOTERS):
            raise CannotBeSaid(f"its {part} may only include {' or '.join(FOOTERS)}")
    return source


def problems(desks: Mapping[str, Environment], document: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the wordings of a rulebook document, one sentence each."""
    for name, languages in _inside(_inside(document, "notices"), "wordings").items():
        if name not in set(Template) or name == Template.DIGEST:
            yield f"notices.wordings.{name}: there is no such letter about one complaint"
            continue
        for language, wording in languages.items() if isinstance(languages, Mapping) else ():
            if desk := desks.get(language):
                found = _problem(desk, Template(name), wording if isinstance(wording, Mapping) else {})
                yield from (f"notices.wordings.{name}.{language}: {problem}" for problem in found)


def _problem(desk: Environment, template: Template, wording: Mapping[str, Any]) -> Iterator[str]:
    known = {**TOLD[template], **ADDED.get(template, {}), "number": "A261122-000001"}
    try:
        sources = [_source(desk, wording, part) for part in ("subject", "body")]
        asked = {name for source in sources for name in meta.find_undeclared_variables(desk.parse(source))}
        if unknown := sorted(asked - known.keys()):
            yield f"it asks for {', '.join(unknown)}; this letter knows {', '.join(sorted(known))}"
        else:
            spoken(desk, wording, known)
    except TemplateSyntaxError as wrong:
        yield f"it cannot be read: {wrong.message}"
    except (CannotBeSaid, TemplateError, ValueError, TypeError) as wrong:
        yield str(wrong)


def _inside(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    held = document.get(name)
    return held if isinstance(held, Mapping) else {}
