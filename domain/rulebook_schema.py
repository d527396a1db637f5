"""The rulebook as a JSON Schema, for editors: `rulebooks/schema.json` is this text."""

from __future__ import annotations

import json
from typing import Any

from domain.rulebook_sections import Rulebook

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The schema of a document; what is checked across fields is not in it."""
    return {"$schema": DIALECT, **Rulebook.model_json_schema(), "title": "Amends rulebook"}


def schema_text() -> str:
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"
