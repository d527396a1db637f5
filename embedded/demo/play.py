"""The play: people answer what they owe, through HTTP; between acts the clock is moved, no farther than the next event."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any

import httpx

from domain.hours import NetworkCalendar, desk_calendar
from embedded.demo.cast import AUDITOR, OPERATOR, Act, Person, Story
from embedded.demo.sentences import ZONE, at, person, sentence
from embedded.demo.stories import STORIES
from embedded.demo.summary import Ending, table

Tokens = Callable[[str, str | None, str | None], str]
Say = Callable[[str], None]

LEGEND = """
Four complaints, from the first call to the last visit. Each one's clock is moved by hand; times are Asia/Shanghai.
  told     as a courier's training handbook tells it (the year is not told, so days are counted from today)
  played   what the demo makes people do and say where the handbook is silent
  by rule  what the process does by itself
  ✉        who is written to with it"""

PATIENCE = timedelta(seconds=20)
"""By the wall, how long a story may stand still before it counts as broken."""


class StoryBroke(Exception):
    """The play did not go as written; the sentence says where."""


async def run(base_url: str, tokens: Tokens, say: Say) -> int:
    """Play all stories; answers how many complaints were not closed with balanced books."""
    say(LEGEND)
    endings = []
    async with httpx.AsyncClient(base_url=f"{base_url}/v1", timeout=60, trust_env=False) as http:
        for number, story in enumerate(STORIES, 1):
            play = Play(http, tokens, say, story)
            say(f"\n{number} of {len(STORIES)}  {story.title}\n   Source: {story.case['source']}.")
            try:
                endings.append(await play.ending(await play.live()))
            except (StoryBroke, httpx.HTTPError) as broke:
                say(f"   The story broke: {broke}")
                endings.append(Ending(story.title, None))
    width = min(max(shutil.get_terminal_size((130, 24)).columns, 104), 140)
    say(f"\n{table(endings, width)}")
    closed = sum(ending.closed for ending in endings)
    say(f"closed {closed} of {len(STORIES)}")
    return len(STORIES) - closed


class Play:
    def __init__(self, http: httpx.AsyncClient, tokens: Tokens, say: Say, story: Story) -> None:
        self.http, self.tokens, self.say, self.story = http, tokens, say, story
        self.number = ""
        self.now = datetime.now(UTC)
        self.left = list(story.acts)
        self.events: list[dict[str, Any]] = []
        self.done: dict[int, tuple[Person, str, bool]] = {}
        self.waiting: list[dict[str, Any]] = []

    async def live(self) -> str:
        """Open the complaint and play it to its end: always the next thing that happens, whoever does it."""
        await self.open()
        moved = datetime.now(UTC)
        while not await self.look():
            act_at, act = min(self.due(), key=lambda one: one[0], default=(None, None))
            rung_at = min(self.rungs(), default=None)
            soonest = min((at for at in (act_at, rung_at) if at is not None), default=None)
            if (rung_at is not None and rung_at <= self.now) or soonest is None:  # it has happened; the register follows
                if datetime.now(UTC) - moved > PATIENCE:
                    raise StoryBroke(f"nothing more happens in {self.number}.")
                await asyncio.sleep(0.05)
                continue
            if act is not None and soonest <= self.now:
                await self.perform(act)
            else:
                await self.forward(soonest - self.now)
            moved = datetime.now(UTC)
        return self.number

    async def open(self) -> None:
        """The complaint is taken as it is now; the people begin when the owner's desk next opens."""
        answer = await self.post(self.story.taken_by, "/complaints", self.story.case["intake"])
        self.number = answer["number"]
        self.done[1] = (self.story.taken_by, self.story.opening, self.story.told)
        self.say(f"   {self.number}\n")
        version = (await self.get(f"/complaints/{self.number}"))["rulebook"]["version"]
        desk = (await self.get(f"/rulebooks/{version}"))["document"]["desk"]
        network = NetworkCalendar.model_validate((await self.get("/calendars/hq"))["calendar"])
        exceptions = network.plan(desk["week"], self.now.date(), date.max)
        self.desk = desk_calendar(week=desk["week"], tz=desk["timezone"], exceptions=exceptions, hours=None)
        await self.forward(self.desk.next_open(self.now) - self.now)

    # -- what comes next

    async def look(self) -> bool:
        """Read and tell what happened; True when the complaint is closed."""
        self.waiting = await self.get(f"/complaints/{self.number}/waiting")
        seen = self.events[-1]["seq"] if self.events else 0
        news = (await self.get(f"/complaints/{self.number}/timeline", cursor=seen))["items"]
        for event in news:
            self.events.append(event)
            self.tell(event)
            if event["name"] == "compensation_computed":
                explained = (await self.get(f"/complaints/{self.number}"))["compensation"]["explanation"]
                self.say("\n".join(f"{'':<36}{step['text']['en']}" for step in explained))
        return bool(self.events) and self.events[-1]["name"] == "closed"

    def due(self) -> Iterator[tuple[datetime, Act]]:
        """The acts whose cue was given, each with its moment."""
        for act in self.left:
            if (cued := self.cued(act)) is not None:
                yield (cued + act.later if act.later else self.desk.add(cued, act.after)), act

    def cued(self, act: Act) -> datetime | None:
        if ":" not in act.cue:
            return next((_time(event["at"]) for event in self.events if event["name"] == act.cue), None)
        for owed in self.waiting:
            if owed["key"].startswith(f"{act.cue}:") and owed["owed_by"]["branch"] == act.who.unit:
                return _time(owed["opens_at"])
        return None

    def rungs(self) -> Iterator[datetime]:
        """When something happens by itself."""
        for owed in self.waiting:
            if owed["next_step"] is not None:
                yield _time(owed["next_step"]["at"]) + timedelta(seconds=1)

    # -- what is done

    async def perform(self, act: Act) -> None:
        self.left.remove(act)
        does = act.does
        if "{query}" in does:
            asked = [
                e["details"]["query"] for e in self.events if e["name"] == "unit_asked" and e["details"]["asked"] == act.who.unit
            ]
            does = does.format(query=asked[-1])
        review = f"/penalty-reviews/{self.number}-R{act.cue[0] if ':' in act.cue else 1}"
        path = does.replace("review", review, 1) if does.startswith("review/") else f"/complaints/{self.number}/{does}"
        answer = await self.post(act.who, path, act.body)
        self.done[answer["seq"]] = (act.who, act.says, act.told)
        await self.forward(timedelta(seconds=1))  # returns when nothing is under way any more: what the act woke has spoken too

    async def forward(self, by: timedelta) -> None:
        if (seconds := ceil(by.total_seconds())) > 0:
            path = f"/dev/complaints/{self.number}/fast-forward"
            answer = await self.post(OPERATOR, path, {"by": f"PT{seconds}S"}, unless=409)  # closed meanwhile
            self.now = max(self.now, _time(answer["now"])) if "now" in answer else self.now

    async def ending(self, number: str) -> Ending:
        page = await self.get("/ledger/entries", complaint=number, limit=200)
        return Ending(self.story.title, await self.get(f"/complaints/{number}"), page["items"])

    # -- what is told

    def tell(self, event: dict[str, Any]) -> None:
        moment, first = _time(event["at"]), _time(self.events[0]["at"])
        day = (moment.astimezone(ZONE).date() - first.astimezone(ZONE).date()).days + 1
        who, says, told = self.said_with(event)
        source = "by rule" if who is None else "told" if told else "played"
        words = sentence(event) + (f", by {who.name}" if who else "")
        readers = dict.fromkeys(person(letter["to"]) for letter in event["notices"])
        letters = ", ".join(reader for reader in readers if reader not in words)
        self.say(f"   day {day:<3} {at(moment)}  {source:<8} {words[0].upper()}{words[1:]}{f'  ✉ {letters}' if letters else ''}")
        if says:
            self.say(f"{'':<36}“{says}”")

    def said_with(self, event: dict[str, Any]) -> tuple[Person | None, str, bool]:
        """Whose act an event is: the first one an act is recorded by. What the act brings about by the rules follows it."""
        by_somebody = event["actor"]["role"] != "system"
        seq = min((last for last in self.done if last >= event["seq"]), default=0)
        return self.done.pop(seq) if seq and (by_somebody or seq == event["seq"]) else (None, "", False)

    # -- HTTP

    async def get(self, path: str, **asked: Any) -> Any:
        return self.answer(await self.http.get(path, params=asked, headers=self.speaking(AUDITOR)))

    async def post(self, who: Person, path: str, body: dict[str, Any], *, unless: int | None = None) -> dict[str, Any]:
        """Sent again while the house says 503: it promises that this is safe."""
        for _ in range(5):
            answer = await self.http.post(path, json=body, headers=self.speaking(who))
            if answer.status_code != 503:
                break
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
        if answer.status_code == unless:
            return {}
        told: dict[str, Any] = self.answer(answer)
        return told

    def answer(self, answer: httpx.Response) -> Any:
        if not answer.is_success:
            said = answer.json() if "json" in answer.headers.get("content-type", "") else {}
            raise StoryBroke(f"{answer.request.url.path} answered {answer.status_code}: {said.get('detail', answer.text)}")
        return answer.json()

    def speaking(self, who: Person) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens(who.role, who.unit, who.sub)}"}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
