"""Rulebooks are read without trust and published once."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import pytest

from domain.rulebook import BrokenRulebook
from store import rulebooks
from store.database import Database
from tests.store.cases import MONDAY

STARTER = (files("rulebooks") / "starter.yaml").read_text("utf-8")

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (LAUGHS, "unfolds into too much"),
        ("a: &a [*a]", "contains itself"),
        ("a: 1\nb: 2\na: 3", "line 3: 'a' is said twice"),
        ("[" * 5000, "nested deeper"),
        ("a: " + "x" * 300_000, "larger than 256 kB"),
        ("- a\n- b", "not a mapping"),
        ("", "not a mapping"),
        ("a: !!python/object/apply:os.system ['true']", "not plain YAML"),
        ("a: !!binary aGk=", "not plain YAML"),
        ("a: 2026-13-45", "cannot be read"),
        ("a: .nan", "cannot be read"),
        ("a: " + "9" * 6000, "cannot be read"),
        ("a: [1, 2", "not plain YAML"),
        ("a: \0", "not plain YAML"),
        ("? [a, b]\n: 1", "a key must be a plain word"),
        (b"\xff\xfe\xfd", "not plain YAML"),
        ("a: 1\n--- \nb: 2", "not plain YAML"),
    ],
)
def test_what_is_no_honest_document_is_refused_with_a_sentence(source: str | bytes, said: str) -> None:
    with pytest.raises(BrokenRulebook, match=said):
        rulebooks.parse(source)


def test_comments_and_order_do_not_change_what_a_document_says() -> None:
    assert (
        rulebooks.parse("a: 1\nb: 2026-01-02 # note") == rulebooks.parse("b: '2026-01-02'\na: 1") == {"a": 1, "b": "2026-01-02"}
    )


async def test_the_starter_is_published_once(fresh_database: Database) -> None:
    async with fresh_database.session() as session:
        first = await rulebooks.publish_starter(session, at=MONDAY)
        assert await rulebooks.publish_starter(session, at=MONDAY) == first
        assert await rulebooks.active(session) == await rulebooks.get(session, first.version) == first
        assert [version.version for version in await rulebooks.versions(session)] == [first.version]
        assert await rulebooks.active(session, date(2000, 1, 1)) is None
        assert await rulebooks.get(session, "none") is None
        assert first.rulebook.version == first.version
