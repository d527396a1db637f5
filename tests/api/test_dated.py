"""Dated facts over HTTP: who may change them, and how running and new complaints hear of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.chores import HouseChores
from store import dated
from tests.api.conftest import Counter
from tests.api.test_life import opened
from tests.api.test_refusals import is_problem

SUPERVISOR = "hq_supervisor"
EVENING = [["18:00", "20:00"]]
STORM = {"text": {"zh": "台风登陆，派送暂停", "en": "A typhoon; deliveries are held"}}
_DAYS = (f"2027-06-{day:02}" for day in range(1, 31))


def hours_from_now(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def storm(**said: Any) -> dict[str, Any]:
    body = {"branches": ["minhang"], "from": hours_from_now(0), "to": hours_from_now(48)} | STORM | said
    return {name: value for name, value in body.items() if value is not None}


async def until(met: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await met():  # noqa: ASYNC110 - it happens in the worker
            await asyncio.sleep(0.05)


async def heard(counter: Counter, number: str) -> list[dict[str, Any]]:
    """What a complaint's timeline says of dated facts."""
    events = (await counter.get(f"/complaints/{number}/timeline", counter.as_("auditor"))).json()["items"]
    return [event["details"] for event in events if event["name"] == "dated_facts_changed"]


async def hears(counter: Counter, number: str, times: int) -> list[dict[str, Any]]:
    async def has() -> bool:
        return len(await heard(counter, number)) >= times

    await until(has)
    return await heard(counter, number)


async def everybody_knows(counter: Counter) -> None:
    async def nobody_left() -> bool:
        async with counter.database.session() as session:
            return not await dated.anybody_untold(session)

    await until(nobody_left)


async def begun(counter: Counter, **said: Any) -> str:
    number = await opened(counter, **said)

    async def has_begun() -> bool:
        return bool((await counter.get(f"/complaints/{number}/timeline", counter.as_("auditor"))).json()["items"])

    await until(has_begun)
    return number


async def due(counter: Counter, number: str, owed: str) -> datetime:
    waiting = (await counter.get(f"/complaints/{number}/waiting", counter.as_("auditor"))).json()
    return next(datetime.fromisoformat(item["due"]) for item in waiting if item["obligation"] == owed)


# -- emergencies


async def test_an_emergency_reaches_running_complaints_once_and_stretches_contract_clocks_only(counter: Counter) -> None:
    hit, spared = await begun(counter), await begun(counter, origin_branch="zhuhai", destination_branch="foshan")
    contact, by_law = [await due(counter, hit, owed) for owed in ("first_contact", "legal_answer")]
    answer = await counter.post("/emergencies", storm(), counter.as_(SUPERVISOR))
    assert answer.status_code == 201, answer.text
    emergency = answer.json()
    (told,) = await hears(counter, hit, 1)
    assert told["emergencies"] == [emergency["id"]]
    assert [law["why"] for law in told["unmoved"]] == ["the law's time does not move"]
    assert await due(counter, hit, "first_contact") >= contact + timedelta(hours=1)
    assert await due(counter, hit, "legal_answer") == by_law
    await everybody_knows(counter)
    assert (len(await heard(counter, hit)), await heard(counter, spared)) == (1, [])
    shown = (await counter.get(f"/emergencies/{emergency['id']}", counter.as_("branch_agent", "foshan"))).json()
    assert (shown["text"], shown["effects"]["hold_visits"]) == (STORM["text"], True)
    assert shown["complaints"]["to_be_told"] == 0
    assert shown["complaints"]["told"] >= 1

    late = await begun(counter)  # a new one gets it at intake
    assert await due(counter, late, "first_contact") >= datetime.fromisoformat(emergency["to"])
    assert await heard(counter, late) == []

    lifted = await counter.post(f"/emergencies/{emergency['id']}/lift", {"reason": "台风已过"}, counter.as_(SUPERVISOR))
    assert lifted.status_code == 200, lifted.text
    assert lifted.json()["to"] == lifted.json()["lifted_at"]
    await hears(counter, hit, 2)
    await hears(counter, late, 1)
    assert await due(counter, hit, "first_contact") < contact + timedelta(hours=1)
    again = is_problem(await counter.post(f"/emergencies/{emergency['id']}/lift", {}, counter.as_(SUPERVISOR)), 409)
    assert "It was lifted at" in again["detail"]
    further = is_problem(
        await counter.post(f"/emergencies/{emergency['id']}/extend", {"to": hours_from_now(99)}, counter.as_(SUPERVISOR)), 409
    )
    assert "declare a new one" in further["detail"]


async def test_declared_extended_and_lifted_in_one_breath_all_end_with_the_newest(counter: Counter) -> None:
    numbers = [await begun(counter, origin_branch="houjie") for _ in range(5)]
    supervisor = counter.as_(SUPERVISOR)
    before = [await due(counter, number, "first_contact") for number in numbers]
    emergency = (await counter.post("/emergencies", storm(region="广东", branches=None), supervisor)).json()
    longer = await counter.post(f"/emergencies/{emergency['id']}/extend", {"to": hours_from_now(96)}, supervisor)
    assert longer.status_code == 200, longer.text
    assert (await counter.post(f"/emergencies/{emergency['id']}/lift", {}, supervisor)).status_code == 200
    await everybody_knows(counter)
    for number, contact in zip(numbers, before, strict=True):
        assert await due(counter, number, "first_contact") - contact < timedelta(hours=1)
        versions = [told["version"] for told in await heard(counter, number)]
        assert versions == sorted(set(versions))
    shown = (await counter.get(f"/emergencies/{emergency['id']}", supervisor)).json()
    assert shown["complaints"] == {"told": shown["complaints"]["told"], "to_be_told": 0}
    assert shown["complaints"]["told"] >= 5
    listed = (await counter.get("/emergencies", supervisor, limit=1)).json()
    assert listed["items"][0]["id"] == emergency["id"]
    older = (await counter.get("/emergencies", supervisor, limit=200, cursor=listed["next_cursor"])).json()
    assert emergency["id"] not in [one["id"] for one in older["items"]]


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"branches": ["nowhere"]}, "branches", "no unit nowhere"),
        ({"branches": None, "region": "火星"}, "region", "No unit lies in the region"),
        ({"to": hours_from_now(-1)}, "to", "ends after it begins"),
        ({"from": hours_from_now(-200)}, "from", "more than 7 days ago"),
        ({"branches": None}, "body", "of a region or of branches"),
        ({"region": "广东"}, "body", "of a region or of branches"),
        ({"text": {"zh": "台风"}}, "text.en", "Field required"),
        ({"effects": {"stretch": "yes"}}, "effects.stretch", "valid boolean"),
        ({"to": "tomorrow"}, "to", "RFC 3339"),
    ],
)
async def test_an_emergency_that_makes_no_sense_is_refused_by_field(
    counter: Counter, said: dict[str, Any], field: str, words: str
) -> None:
    problem = is_problem(await counter.post("/emergencies", storm(**said), counter.as_(SUPERVISOR)), 422)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert words in problem["detail"]


async def test_only_the_hq_supervisor_changes_what_is_everybodys(counter: Counter) -> None:
    manager, reviewer = counter.as_("branch_manager", "minhang"), counter.as_("hq_reviewer")
    for who in (manager, reviewer):
        is_problem(await counter.post("/emergencies", storm(), who), 403)
        is_problem(await counter.post("/record-only", {"first": "2027-01-01", "last": "2027-01-31"}, who), 403)
        is_problem(await counter.post("/units/dali/state", {"state": "suspended"}, who), 403)
        is_problem(await counter.http.put("/v1/calendars/hq", json={}, headers=who), 403)
    is_problem(await counter.get("/emergencies/E-none", manager), 404)
    is_problem(await counter.post("/emergencies/E-none/lift", {}, counter.as_(SUPERVISOR)), 404)


# -- calendars


async def put(counter: Counter, unit: str, body: Any, role: str, branch: str | None = None) -> Any:
    return await counter.http.put(f"/v1/calendars/{unit}", json=body, headers=counter.as_(role, branch))


async def test_a_manager_adds_hours_to_the_own_branch_and_only_hq_closes_a_day(counter: Counter) -> None:
    number = await begun(counter, origin_branch="dali", destination_branch="dali")
    added = await put(counter, "dali", {"week": {"sun": [["09:00", "12:00"]]}}, "branch_manager", "dali")
    assert added.status_code == 200, added.text
    assert added.json()["changed_by"] == "branch_manager@dali"
    assert len(await hears(counter, number, 1)) == 1
    day = next(_DAYS)
    refused = is_problem(await put(counter, "dali", {"closed": [day]}, "branch_manager", "dali"), 403)
    assert "closed by HQ alone" in refused["detail"]
    is_problem(await put(counter, "foshan", {}, "branch_manager", "dali"), 403)
    is_problem(await put(counter, "dali", {}, "branch_agent", "dali"), 403)
    is_problem(await put(counter, "nowhere", {}, SUPERVISOR), 404)
    closed = await put(counter, "dali", {"closed": [day]}, SUPERVISOR)
    assert (closed.status_code, closed.json()["calendar"]["closed"]) == (200, [day]), closed.text
    kept = await put(counter, "dali", {"week": {"sat": EVENING}}, "branch_manager", "dali")
    assert (kept.json()["calendar"]["closed"], kept.json()["calendar"]["week"]) == ([day], {"sat": EVENING})
    assert (await counter.get("/calendars/dali", counter.as_("branch_agent", "foshan"))).json() == kept.json()


async def test_the_networks_calendar_moves_due_times_and_a_complaint_received_meanwhile_knows_it_too(counter: Counter) -> None:
    number = await begun(counter, origin_branch="guangzhou", destination_branch="guangzhou")
    contact = await due(counter, number, "first_contact")
    shut = [(contact + timedelta(days=days)).date().isoformat() for days in range(-1, 2)]
    changing = asyncio.create_task(put(counter, "hq", {"holidays": dict.fromkeys(shut, "停业")}, SUPERVISOR))
    meanwhile = [await opened(counter, origin_branch="guangzhou", destination_branch="guangzhou") for _ in range(5)]
    answer = await changing
    assert answer.status_code == 200, answer.text
    assert answer.json()["calendar"]["holidays"] == dict.fromkeys(shut, "停业")
    assert await HouseChores(counter.database, counter.desk()).send_circular() in (0, 1)  # as a minute later would
    await everybody_knows(counter)
    for each in (number, *meanwhile):
        assert await due(counter, each, "first_contact") > contact + timedelta(days=1)
        assert len(await heard(counter, each)) <= 1
    assert (await put(counter, "hq", {}, SUPERVISOR)).json()["calendar"]["holidays"] == {}
    await hears(counter, number, 2)
    assert await due(counter, number, "first_contact") == contact


@pytest.mark.parametrize(
    ("unit", "body", "words"),
    [
        ("dali", {"week": {"monday": EVENING}}, "week.monday"),
        ("dali", {"week": {"mon": [["20:00", "18:00"]]}}, "does not end after it begins"),
        ("dali", {"dates": {"2027-02-30": EVENING}}, "dates.2027-02-30"),
        ("dali", {"dates": {f"2027-{1 + day // 28:02}-{1 + day % 28:02}": EVENING for day in range(101)}}, "more than 100 dates"),
        ("dali", {"holidays": {}}, "holidays: Extra inputs"),
        ("hq", {"week": {}}, "the desk is never open"),
        ("hq", {"holidays": ["2027-01-01"], "working": ["2027-01-01"]}, "both a holiday and a working day"),
        ("hq", {"overrides": {"2027-01-01": [["25:00", "26:00"]]}}, "'25:00' is not a time of day"),
        ("hq", {"holidays": {"86400": "?"}}, "holidays.86400: must be a date, as in 2026-05-23"),
        ("hq", [], "body"),
    ],
)
async def test_hours_that_make_no_sense_are_refused(counter: Counter, unit: str, body: Any, words: str) -> None:
    assert words in is_problem(await put(counter, unit, body, SUPERVISOR), 422)["detail"]


async def test_what_was_read_may_be_sent_back_and_is_no_change(counter: Counter) -> None:
    for unit, role in (("hq", SUPERVISOR), ("foshan", "branch_manager")):
        first = await put(counter, unit, {"week": {"mon": EVENING}}, SUPERVISOR)
        assert first.status_code == 200, first.text
        back = await put(counter, unit, first.json()["calendar"], role, None if unit == "hq" else unit)
        assert (back.status_code, back.json()) == (200, first.json()), back.text
        await put(counter, unit, {}, SUPERVISOR)
    await everybody_knows(counter)


# -- record-only periods and units


async def test_a_record_only_period_is_told_and_taken_back(counter: Counter) -> None:
    supervisor, said = counter.as_(SUPERVISOR), {"first": "2027-03-01", "last": "2027-03-31"}
    period = await counter.post("/record-only", said, supervisor)
    assert period.status_code == 201, period.text
    assert (await counter.post("/record-only", said, supervisor)).json() == period.json()
    listed = (await counter.get("/record-only", counter.as_("branch_agent", "foshan"))).json()
    assert [one["id"] for one in listed if one["first"] == said["first"]] == [period.json()["id"]]
    assert (
        "before the first"
        in is_problem(await counter.post("/record-only", said | {"last": "2027-02-01"}, supervisor), 422)["detail"]
    )
    gone = f"/v1/record-only/{period.json()['id']}"
    assert (await counter.http.delete(gone, headers=supervisor)).status_code == 204
    is_problem(await counter.http.delete(gone, headers=supervisor), 404)
    await everybody_knows(counter)


async def test_a_closed_units_obligations_pass_to_its_successor(counter: Counter) -> None:
    supervisor = counter.as_(SUPERVISOR)
    number = await begun(counter, origin_branch="shenzhen", destination_branch="foshan")
    closed = await counter.post("/units/shenzhen/state", {"state": "closed", "successor": "zhuhai"}, supervisor)
    assert closed.status_code == 200, closed.text
    (told,) = await hears(counter, number, 1)
    assert told["closed"] == ["shenzhen"]
    waiting = (await counter.get(f"/complaints/{number}/waiting", supervisor)).json()
    assert {item["owed_by"]["branch"] for item in waiting} == {"zhuhai"}
    again = await counter.post("/units/shenzhen/state", {"state": "closed", "successor": "zhuhai"}, supervisor)
    assert "closed already" in is_problem(again, 422)["detail"]
    is_problem(await counter.post("/units/zhuhai/state", {"state": "closed", "successor": "shenzhen"}, supervisor), 422)
    is_problem(await counter.post("/units/nowhere/state", {"state": "closed"}, supervisor), 404)
    assert (await counter.post("/units/shenzhen/state", {"state": "open"}, supervisor)).json()["successor"] is None
    states = {unit["code"]: unit["state"] for unit in (await counter.get("/units", supervisor)).json()}
    assert states["shenzhen"] == "open"
    await everybody_knows(counter)


async def test_a_suspended_unit_takes_no_new_complaints_and_goes_on_with_those_it_has(counter: Counter) -> None:
    supervisor, desk = counter.as_(SUPERVISOR), counter.as_("hq_agent")
    its_own = await begun(counter, origin_branch="zhuhai", destination_branch="foshan")
    incomplete = await begun(counter, origin_branch=None, waybill=None)
    assert (await counter.post("/units/zhuhai/state", {"state": "suspended"}, supervisor)).status_code == 200
    (told,) = await hears(counter, its_own, 1)
    assert (told["suspended"], told["moved"]) == (["zhuhai"], [])
    new = await begun(counter, origin_branch="zhuhai", destination_branch="foshan")
    supplied = await counter.post(f"/complaints/{incomplete}/facts", {"waybill": "W-Z", "origin_branch": "zhuhai"}, desk)
    assert (supplied.status_code, supplied.json()["status"]) == (200, "open"), supplied.text
    for number in (new, incomplete):
        shown = (await counter.get(f"/complaints/{number}", counter.as_("branch_agent", "zhuhai"))).json()
        assert (shown["owner"], shown["handler"], shown["origin_branch"]) == ("hq", "hq", "zhuhai")
        events = (await counter.get(f"/complaints/{number}/timeline", counter.as_("auditor"))).json()["items"]
        (why,) = [event["details"] for event in events if event["name"] == "taken_for_suspended_unit"]
        assert why["text"]["en"] == "zhuhai is suspended and takes no new complaints; hq answers for this one."
    contacted = await counter.post(
        f"/complaints/{its_own}/first-contact", {"note": "已联系"}, counter.as_("branch_agent", "zhuhai")
    )
    assert contacted.status_code == 200, contacted.text
    handed = {"to_branch": "zhuhai", "reason": "离得近"}
    refused = is_problem(await counter.post(f"/complaints/{new}/hand-on", handed, desk), 422)
    assert "zhuhai is suspended" in refused["detail"]
    assert (await counter.post("/units/zhuhai/state", {"state": "open"}, supervisor)).status_code == 200
    await everybody_knows(counter)
