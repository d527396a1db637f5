"""`amends` at the prompt, without starting a process for each line: its exit code and its words."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from typer.testing import CliRunner

from cli import app
from embedded.children import CannotStart

Told = tuple[int, str]


def type_here(*words: str, environment: Mapping[str, str]) -> Told:
    """What `cli.main` would say and leave with. In a thread of its own: a command runs its own event loop."""
    with ThreadPoolExecutor(1) as prompt:
        told = prompt.submit(CliRunner().invoke, app, words, env=environment).result()
    match told.exception:
        case None | SystemExit():
            return told.exit_code, told.output
        case CannotStart() as sentence:
            return 1, f"{told.output}{sentence}\n"
        case unforeseen:
            raise unforeseen
