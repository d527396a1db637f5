"""A filter that nobody knows filters nothing: it is refused by name, with those there are."""

from __future__ import annotations

import re

import pytest

from tests.api.conftest import Counter
from tests.api.test_refusals import is_problem


@pytest.mark.parametrize(
    ("path", "unknown", "known"),
    [
        ("/complaints", "statsu", "liable_branch"),
        ("/inbox", "owed", "overdue"),
        ("/penalty-reviews", "unit", "respondent"),
        ("/ledger/entries", "branch", "account"),
        ("/ledger/fund/2026-05", "unit", "format"),
        ("/settlements/dali/2026-02", "fromat", "format"),
    ],
)
async def test_a_filter_that_is_misspelt_is_refused_with_those_there_are(
    lonely: Counter, path: str, unknown: str, known: str
) -> None:
    problem = is_problem(await lonely.get(path, lonely.as_("auditor"), **{unknown: "x"}), 422)
    assert problem["errors"][0]["field"] == unknown
    assert known in problem["detail"]


async def test_a_route_without_filters_says_so_and_a_decision_has_none_either(lonely: Counter) -> None:
    says = is_problem(await lonely.get("/ledger/months", lonely.as_("finance"), month="2026-05"), 422)["detail"]
    assert "takes nothing" in says
    is_problem(await lonely.post("/penalty-sheets/2026-02?dry_run=true", {}, lonely.as_("finance")), 422)
    assert "Authorization" not in says
    is_problem(await lonely.http.get("/v1/inbox?x=1"), 401)


async def test_every_reading_route_knows_exactly_the_parameters_of_the_published_contract(lonely: Counter) -> None:
    contract = (await lonely.http.get("/openapi.json")).json()["paths"]
    seen = 0
    for path, routes in contract.items():
        if "get" not in routes or not path.startswith("/v1/"):
            continue
        named = sorted(told["name"] for told in routes["get"].get("parameters", ()) if told["in"] == "query")
        answer = await lonely.http.get(re.sub(r"{\w+}", "x", path), params={"colour": "red"}, headers=lonely.as_("auditor"))
        told = is_problem(answer, 422)["detail"].partition("which takes ")[2]
        assert (path, told) == (path, f"{', '.join(named) or 'nothing there'}.")
        seen += 1
    assert seen > 20
