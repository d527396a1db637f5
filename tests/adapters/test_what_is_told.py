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
    """Every `….tell("template", "to", name=…)` in `workflows/`; what is told as `**said` is looked up where `said` is made."""
    for file in sorted(ROOM.glob("*.py")):
        for function in ast.walk(ast.parse(file.read_text())):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            made = dict(_dictionaries(function))
            for node in ast.walk(function):
                match node:
                    case ast.Call(func=ast.Attribute(attr="tell"), args=[ast.Constant(value=str(template)), *_], keywords=told):
                        names = {keyword.arg for keyword in told if keyword.arg}
                        for keyword in told:
                            if keyword.arg is None and isinstance(keyword.value, ast.Name):
                                names |= made[keyword.value.id]
                        yield f"{file.name}:{node.lineno}", template, names


def _dictionaries(function: ast.AST) -> Iterator[tuple[str, set[str]]]:
    """Dictionaries a function writes out under a name, by their keys."""
    for node in ast.walk(function):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict(keys=keys)):
                yield name, {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys)):
                yield name, {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}


@pytest.mark.parametrize(("where", "template", "params"), list(told()), ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_process_tells_has_a_letter(where: str, template: str, params: set[str]) -> None:
    assert set(TOLD[Template(template)]) <= params, where


def test_the_letters_lie_where_the_package_is() -> None:
    assert (LETTERS / "zh" / "_customer.txt.j2").is_file()
