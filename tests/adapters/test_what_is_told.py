"""A house rule: what a process tells people exists as a letter, and brings what the letter asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import workflows
from adapters.letters import LETTERS
from domain.notices import TOLD, Template

ROOM = Path(workflows.__path__[0])


def told() -> Iterator[tuple[str, str, set[str]]]:
    """Every `….tell("template", "to", name=…)` in `workflows/`."""
    for file in sorted(ROOM.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(attr="tell"), args=[ast.Constant(value=str(template)), *_], keywords=keywords):
                    yield f"{file.name}:{node.lineno}", template, {keyword.arg for keyword in keywords if keyword.arg}


@pytest.mark.parametrize(("where", "template", "params"), list(told()), ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_process_tells_has_a_letter(where: str, template: str, params: set[str]) -> None:
    assert set(TOLD[Template(template)]) <= params, where


def test_the_letters_lie_where_the_package_is() -> None:
    assert (LETTERS / "zh" / "_customer.txt.j2").is_file()
