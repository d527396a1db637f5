"""Import-linter watches the packages; this watches the single files at the root, which only put rooms together."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOTS = {"cli", "house", "installation", "logs", "register_cli", "replaying", "rulebook_cli", "server", "worker"}
ROOMS = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests", "embedded", "benchmarks"}


def imports(file: Path) -> set[str]:
    """The first names of everything a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_no_room_imports_what_puts_the_rooms_together(room: str) -> None:
    for file in (ROOT / room).rglob("*.py"):
        assert not imports(file) & (ROOTS | {"embedded"}), file


def test_settings_are_made_at_the_roots_only() -> None:
    made = {file for file in ROOT.glob("[a-z]*/**/*.py") if file.parent.name != "tests" and "Settings(" in file.read_text()}
    assert not {file for file in made if file.relative_to(ROOT).parts[0] in ROOMS}


def test_the_worker_holds_no_rule_of_its_own() -> None:
    assert "domain" not in imports(ROOT / "worker.py")
