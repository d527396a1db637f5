"""What climbs to one person is one letter a day: on a real register and a real mail server, whatever goes away meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from activities.notices import DueNotice, Letter
from adapters.dispatcher import Dispatcher
from adapters.smtp import SmtpChannel
from store.database import Database
from store.digests import MOST_LINES, Digests
from store.outbox import Outbox
from tests.adapters.post_office import PostOffice

SOON = timedelta(milliseconds=20)
HOUR = timedelta(hours=1)
DUE = datetime(2030, 1, 7, 4, tzinfo=UTC)
MANAGER = "branch_manager@foshan"
UNITS = text("""
    INSERT INTO units (code, kind, name_zh, name_en, email) VALUES
    ('foshan', 'branch', '佛山网点', 'Foshan', 'foshan@example.com'), ('hq', 'hq', '总部', 'HQ', 'hq@example.com'),
    ('silent', 'branch', '无邮箱网点', 'Silent', NULL)
""")
CLIMBED = text("""
    INSERT INTO notices (number, key, seq, template, "to", language, params, noted_at, digest, next_try_at)
    VALUES (:number, :key, 1, :template, :to, 'zh',
            jsonb_build_object('owed', 'findings', 'due', CAST(:due AS text), 'unit', 'foshan'),
            :noted_at, true, now() - CAST(:ago AS interval))
""")


@pytest.fixture
async def register(new_database: Callable[[], str]) -> AsyncIterator[Database]:
    database = Database(new_database())
    async with database.session() as session:
        await session.execute(UNITS)
    yield database
    await database.close()


async def climb(
    register: Database,
    number: str = "A-1",
    key: str = "1",
    *,
    to: str = MANAGER,
    template: str = "late",
    due: datetime = DUE,
    ago: timedelta = 2 * HOUR,
) -> None:
    """A notice for the digest, noted `ago`."""
    told = {"number": number, "key": key, "to": to, "template": template, "due": due.isoformat(), "noted_at": due, "ago": ago}
    async with register.session() as session:
        await session.execute(CLIMBED, told)


async def become(register: Database, *changes: str) -> None:
    async with register.session() as session:
        for change in changes:
            await session.execute(text(change))


async def a_day_passes(register: Database) -> None:
    await become(
        register,
        "UPDATE digests SET day = day - 1",
        "UPDATE notices SET digest_day = digest_day - 1, next_try_at = next_try_at - interval '1 day'",
    )


async def fates(register: Database) -> dict[tuple[str, str], Any]:
    async with register.session() as session:
        return {(row.number, row.key): row for row in await session.execute(text("SELECT * FROM notices"))}


async def states(register: Database) -> list[str]:
    return sorted(row.state for row in (await fates(register)).values())


def struck(ago: timedelta = HOUR) -> time:
    """A digest hour that struck `ago`."""
    return (datetime.now(ZoneInfo("Asia/Shanghai")) - ago).time()


def digests(register: Database, ago: timedelta = HOUR) -> Digests:
    return Digests(register, struck(ago))


def postman(register: Database, channel: Any, *, ago: timedelta = HOUR, **options: Any) -> Dispatcher:
    return Dispatcher(digests(register, ago), channel, **{"first_wait": SOON, "longest_wait": SOON, **options})


async def test_all_that_climbed_to_one_person_is_one_letter_the_newest_lateness_first(
    register: Database, smtp: SmtpChannel, post_office: PostOffice
) -> None:
    await climb(register, "A-1", "old", due=DUE - HOUR)
    await climb(register, "A-2", "newest", due=DUE + HOUR)
    await climb(register, "A-2", "reminder", template="reminder", due=DUE - 2 * HOUR)
    await climb(register, "A-3", "between")
    await climb(register, "A-1", "oldest", due=DUE - 3 * HOUR)
    assert await postman(register, smtp).carry() == 1
    (letter,) = post_office.letters
    said = letter.get_content()
    assert letter["Subject"] == "每日汇总：3 件投诉、5 项等您过问，其中逾期 4 项"
    assert [line for line in said.splitlines() if line.startswith(("投诉", "-"))] == [
        "投诉 A-2",
        "- 已逾期：佛山网点 的调查结论，期限 2030年1月7日 13:00",
        "- 待办：佛山网点 的调查结论，期限 2030年1月7日 10:00",
        "投诉 A-3",
        "- 已逾期：佛山网点 的调查结论，期限 2030年1月7日 12:00",
        "投诉 A-1",
        "- 已逾期：佛山网点 的调查结论，期限 2030年1月7日 11:00",
        "- 已逾期：佛山网点 的调查结论，期限 2030年1月7日 09:00",
    ]
    told = await fates(register)
    assert {(row.state, row.message_id, row.attempts) for row in told.values()} == {("sent", letter["Message-ID"], 1)}
    assert all(abs(datetime.now(UTC) - row.sent_at) < timedelta(minutes=1) for row in told.values())


async def test_each_recipient_has_a_digest_of_their_own(register: Database, smtp: SmtpChannel, post_office: PostOffice) -> None:
    await climb(register, "A-1", "1")
    await climb(register, "A-1", "2", to="hq_supervisor@hq")
    await climb(register, "A-2", "1", to="branch_agent@foshan")
    await postman(register, smtp).carry()
    assert sorted(post_office.recipients) == ["foshan@example.com", "foshan@example.com", "hq@example.com"]
    assert len({letter["Message-ID"] for letter in post_office.letters}) == 3


async def test_what_climbs_is_never_sent_one_by_one(register: Database, smtp: SmtpChannel, post_office: PostOffice) -> None:
    await climb(register, ago=timedelta(days=3))
    assert await Dispatcher(Outbox(register), smtp).carry() == 0
    assert await Outbox(register).waiting() == 1
    await postman(register, smtp).carry()
    assert await Outbox(register).waiting() == 0
    assert len(post_office.letters) == 1


async def test_nothing_leaves_before_its_hour_and_what_comes_after_it_waits_for_the_next_day(
    register: Database, smtp: SmtpChannel, post_office: PostOffice
) -> None:
    await climb(register, "A-1", "before")
    assert await postman(register, smtp, ago=3 * HOUR).carry() == 0, "the hour struck before it was noted"
    assert await postman(register, smtp).carry() == 1
    await climb(register, "A-1", "after", ago=timedelta(0))
    await climb(register, "A-1", "committed late")
    assert await postman(register, smtp).carry() == 0
    assert await states(register) == ["sent", "waiting", "waiting"]
    await a_day_passes(register)
    assert await postman(register, smtp).carry() == 1
    assert await states(register) == ["sent", "sent", "sent"]
    assert ["1 件投诉、1 项" in letter["Subject"] for letter in post_office.letters] == [True, False]


async def test_a_postman_killed_between_sending_and_marking_repeats_the_same_letter(
    register: Database, smtp: SmtpChannel, post_office: PostOffice
) -> None:
    class Killed(BaseException):
        pass

    class Dying(Digests):
        async def sent(self, notice: DueNotice, message_id: str) -> None:
            raise Killed

    await climb(register)
    with pytest.raises(Killed):
        await Dispatcher(Dying(register, struck()), smtp).carry()
    await climb(register, "A-2")
    assert await postman(register, smtp).carry() == 0, "nobody else sends it while the lease lasts"
    await become(register, "UPDATE digests SET lease_until = now()")
    await postman(register, smtp).carry()
    first, again = post_office.letters
    assert (first["Message-ID"], first["Subject"], first.get_content()) == (
        again["Message-ID"],
        again["Subject"],
        again.get_content(),
    )
    assert await states(register) == ["sent", "waiting"]


async def test_while_the_mail_server_is_down_the_digest_waits_and_then_arrives_once(
    register: Database, smtp: SmtpChannel, post_office: PostOffice
) -> None:
    await climb(register)
    await post_office.close()
    for _ in range(3):
        assert await postman(register, smtp).carry() == 1
        await asyncio.sleep(0.03)
    assert await Outbox(register).waiting() == 1
    await post_office.open()
    await postman(register, smtp).carry()
    assert await postman(register, smtp).carry() == 0
    assert len(post_office.letters) == 1
    assert {(row.state, row.attempts) for row in (await fates(register)).values()} == {("sent", 4)}


async def test_several_postmen_carry_one_digest_to_each(register: Database) -> None:
    carried: list[str] = []

    class Slow:
        async def deliver(self, letter: Letter) -> str:
            carried.append(letter.to)
            await asyncio.sleep(0.01)
            return letter.key

    for person in range(20):
        for key in "12":
            await climb(register, key=f"{person}-{key}", to=f"branch_manager@{person}")
    shared = struck()
    await asyncio.gather(*(Dispatcher(Digests(register, shared), Slow(), batch=8).carry() for _ in range(4)))
    await Dispatcher(Digests(register, shared), Slow(), batch=20).carry()
    assert sorted(carried) == sorted(f"branch_manager@{person}" for person in range(20))
    assert await states(register) == ["sent"] * 40


@pytest.mark.parametrize(("to", "state"), [("branch_manager@silent", "no_address"), (MANAGER, "failed")])
async def test_a_digest_that_cannot_arrive_is_said_on_all_that_was_in_it(
    register: Database, smtp: SmtpChannel, post_office: PostOffice, to: str, state: str
) -> None:
    post_office.refused["foshan@example.com"] = "550 no such user"
    await climb(register, "A-1", to=to)
    await climb(register, "A-2", to=to)
    await postman(register, smtp).carry()
    assert await states(register) == [state, state]
    assert await postman(register, smtp).carry() == 0


async def test_a_sent_digest_stays_sent_whoever_says_otherwise_later(register: Database) -> None:
    await climb(register)
    outbox = digests(register)
    (digest,) = await outbox.claim(9, timedelta(0))
    await outbox.failed(digest, "gave up", None)
    await outbox.sent(digest, "<it left after all>")
    await outbox.failed(digest, "too late to say so", None)
    await outbox.failed(digest, "too late to say so", timedelta(0))
    (row,) = (await fates(register)).values()
    assert (row.state, row.message_id, row.last_error) == ("sent", "<it left after all>", None)


async def test_a_very_long_digest_lists_the_newest_and_counts_the_rest(
    register: Database, smtp: SmtpChannel, post_office: PostOffice
) -> None:
    for n in range(MOST_LINES + 7):
        await climb(register, f"A-{n}", due=DUE + timedelta(minutes=n))
    await postman(register, smtp).carry()
    said = post_office.letters[0].get_content()
    assert said.count("\n- ") == MOST_LINES
    assert "投诉 A-106\n" in said
    assert "投诉 A-6\n" not in said
    assert "另有 7 项较早的没有列出" in said
    assert await states(register) == ["sent"] * (MOST_LINES + 7)
