"""The schema editors read is the one the house checks by."""

from __future__ import annotations

import json
from pathlib import Path

from domain.rulebook_schema import schema, schema_text
from domain.rulebook_sections import Rulebook

ROOM = Path(__file__).parents[2] / "rulebooks"


def test_the_schema_beside_the_starter_is_current() -> None:
    current = (ROOM / "schema.json").read_text("utf-8") == schema_text()
    assert current, "write it again: amends rulebook schema > rulebooks/schema.json"


def test_the_starter_names_its_schema_for_editors() -> None:
    assert (ROOM / "starter.yaml").read_text("utf-8").startswith("# yaml-language-server: $schema=schema.json\n")


def test_the_schema_knows_every_section_and_refuses_unknown_fields() -> None:
    said = schema()
    assert set(said["properties"]) == set(Rulebook.model_fields)
    objects = [part for part in said["$defs"].values() if part.get("type") == "object"]
    assert all(part["additionalProperties"] is False for part in [said, *objects])
    assert "pauses" not in said["required"]
    assert {"version", "effective", "clocks", "limits"} <= set(said["required"])
    assert json.loads(schema_text()) == said
