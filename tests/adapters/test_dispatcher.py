"""The postman on a real register and a real mail server, while either of them, or he himself, goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from activities.notices import DueNotice, Letter
from adapters.dispatcher import Dispatcher
from adapters.log_only import LogOnlyChannel
from adapters.smtp import SmtpChannel
from store.database import Database
from store.outbox import Outbox
from tests.adapters.post_office import PostOffice

SOON = timedelta(milliseconds=20)
UNIT = text(
    "INSERT INTO units (code, kind, name_zh, name_en, email) VALUES (:code, 'branch', '佛山', 'Foshan', :email) "
    "ON CONFLICT (code) DO UPDATE SET email = excluded.email"
)
NOTICE = text(
    'INSERT INTO notices (number, key, seq, template, "to", language, params, noted_at) '
    "VALUES (:number, :key, 1, :template, :to, 'zh', CAST(:params AS jsonb), :noted_at)"
)


@pytest.fixture
async def register(new_database: Callable[[], str]) -> AsyncIterator[Database]:
    database = Database(new_database())
    async with database.session() as session:
        await session.execute(UNIT, {"code": "foshan", "email": "foshan@example.com"})
        await session.execute(UNIT, {"code": "silent", "email": None})
    yield database
    await database.close()


async def note(register: Database, key: str = "1", *, to: str = "branch_agent@foshan", template: str = "case_handed_on") -> None:
    async with register.session() as session:
        await session.execute(
            NOTICE,
            {
                "number": "A261122-000001",
                "key": key,
                "to": to,
                "template": template,
                "params": "{}",
                "noted_at": datetime(2030, 1, 1, tzinfo=UTC),
            },
        )


async def state(register: Database, key: str = "1") -> dict[str, Any]:
    async with register.session() as session:
        found = await session.execute(text("SELECT * FROM notices WHERE key = :key"), {"key": key})
        return dict(found.mappings().one())


def postman(register: Database, channel: Any, **options: Any) -> Dispatcher:
    quick = {"idle": SOON, "first_wait": SOON, "longest_wait": SOON, "lease": timedelta(seconds=30)}
    return Dispatcher(Outbox(register), channel, **{**quick, **options})


@asynccontextmanager
async def at_work(dispatcher: Dispatcher) -> AsyncIterator[None]:
    stop = asyncio.Event()
    loop = asyncio.create_task(dispatcher.run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(loop, 10)


async def until(met: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(15):
        while not await met():  # noqa: ASYNC110 - what is awaited is a row, and rows ring no bell
            await asyncio.sleep(0.02)


async def test_a_notice_is_delivered_once_and_its_moment_kept(
    register: Database, smtp: SmtpChannel, post_office: PostOffice
) -> None:
    await note(register)
    async with at_work(postman(register, smtp)):
        await until(lambda: reached(register, "sent"))
        await asyncio.sleep(0.1)
    (letter,) = post_office.letters
    assert "佛山" in str(letter["To"].addresses[0].display_name)
    found = await state(register)
    assert found["message_id"] == letter["Message-ID"]
    assert abs(datetime.now(UTC) - found["sent_at"]) < timedelta(minutes=1)


async def test_while_the_mail_server_is_down_letters_wait_and_then_arrive_once(
    register: Database, smtp: SmtpChannel, post_office: PostOffice
) -> None:
    await post_office.close()
    await note(register)
    async with at_work(postman(register, smtp)):
        await until(lambda: tried(register, 3))
        assert (await state(register))["state"] == "waiting"
        await post_office.open()
        await until(lambda: reached(register, "sent"))
        await asyncio.sleep(0.1)
    assert len(post_office.letters) == 1
    assert (await state(register))["last_error"] is None


async def test_a_refused_recipient_fails_for_good_and_the_others_are_told(
    register: Database, smtp: SmtpChannel, post_office: PostOffice
) -> None:
    async with register.session() as session:
        await session.execute(UNIT, {"code": "gone", "email": "gone@example.com"})
    post_office.refused["gone@example.com"] = "550 no such user"
    await note(register, "1", to="branch_manager@gone")
    await note(register, "2")
    async with at_work(postman(register, smtp)):
        await until(lambda: reached(register, "failed", "1"))
        await until(lambda: reached(register, "sent", "2"))
        await note(register, "3")
        await until(lambda: reached(register, "sent", "3"))
    found = await state(register, "1")
    assert found["attempts"] == 1
    assert found["last_error"] == "the mail server refuses the recipient (550)"


async def test_a_recipient_without_address_is_shown_as_such(register: Database, smtp: SmtpChannel) -> None:
    await note(register, to="branch_agent@silent")
    await postman(register, smtp).carry()
    assert (await state(register))["state"] == "no_address"


async def test_a_postman_killed_between_sending_and_marking_sends_again_with_the_same_message_id(
    register: Database, smtp: SmtpChannel, post_office: PostOffice
) -> None:
    class Killed(BaseException):
        pass

    class Dying(Outbox):
        async def sent(self, notice: DueNotice, message_id: str) -> None:
            raise Killed

    await note(register)
    with pytest.raises(Killed):
        await Dispatcher(Dying(register), smtp, lease=timedelta(seconds=1)).carry()
    assert await postman(register, smtp).carry() == 0, "nobody else sends it while the lease lasts"
    async with at_work(postman(register, smtp)):
        await until(lambda: reached(register, "sent"))
    assert len(post_office.letters) == 2
    assert len({letter["Message-ID"] for letter in post_office.letters}) == 1


async def test_two_postmen_never_carry_the_same_letter(register: Database) -> None:
    carried: list[str] = []

    class Slow:
        async def deliver(self, letter: Letter) -> str:
            carried.append(letter.key)
            await asyncio.sleep(0.01)
            return letter.key

    for key in range(30):
        await note(register, str(key))
    async with at_work(postman(register, Slow(), batch=4)), at_work(postman(register, Slow(), batch=4)):
        await until(lambda: none_waiting(register))
    assert len(carried) == len(set(carried)) == 30


async def test_told_to_stop_the_postman_finishes_the_letter_in_his_hand_and_no_other(register: Database) -> None:
    class Slow:
        async def deliver(self, letter: Letter) -> str:
            stop.set()
            return letter.key

    stop = asyncio.Event()
    for key in "123":
        await note(register, key)
    await asyncio.wait_for(postman(register, Slow()).run(stop), 5)
    assert sorted([(await state(register, key))["state"] for key in "123"]) == ["sent", "waiting", "waiting"]


async def test_the_post_goes_on_after_the_register_was_away(register: Database) -> None:
    class Shaky(Outbox):
        down = 3

        async def claim(self, limit: int, lease: timedelta) -> list[DueNotice]:
            if self.down:
                self.down -= 1
                raise ConnectionError
            return await super().claim(limit, lease)

    await note(register)
    async with at_work(Dispatcher(Shaky(register), LogOnlyChannel(), idle=SOON)):
        await until(lambda: reached(register, "sent"))


async def test_a_letter_we_cannot_write_waits_for_the_repair_and_holds_nobody_up(register: Database) -> None:
    await note(register, "1", template="not_yet_deployed")
    await note(register, "2")
    async with at_work(postman(register, LogOnlyChannel())):
        await until(lambda: reached(register, "sent", "2"))
        await until(lambda: tried(register, 2, "1"))
    found = await state(register, "1")
    assert found["state"] == "waiting"
    assert "not_yet_deployed cannot be written" in found["last_error"]


async def test_after_its_last_try_a_letter_is_given_up(register: Database, smtp: SmtpChannel, post_office: PostOffice) -> None:
    await post_office.close()
    await note(register)
    async with at_work(postman(register, smtp, tries=3)):
        await until(lambda: reached(register, "failed"))
    assert (await state(register))["attempts"] == 3


async def test_the_log_only_channel_names_a_role_and_never_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    letter = Letter(
        key="k", to="complainant", to_address="guest@example.com", to_name="客户乙", subject="S", body="B", language="zh"
    )
    assert await LogOnlyChannel().deliver(letter) == "log:k"
    logged = capsys.readouterr().out
    assert "notice_told" in logged
    assert "complainant" in logged
    assert "guest" not in logged
    assert "客户乙" not in logged


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    dispatcher = Dispatcher(outbox=None, channel=LogOnlyChannel())  # type: ignore[arg-type] # only asked for its waits
    waits = [dispatcher.wait_after(attempts).total_seconds() for attempts in (1, 2, 3, 8, 9, 400)]
    assert waits == [5, 10, 20, 640, 900, 900]


async def reached(register: Database, wanted: str, key: str = "1") -> bool:
    return bool((await state(register, key))["state"] == wanted)


async def tried(register: Database, attempts: int, key: str = "1") -> bool:
    return bool((await state(register, key))["attempts"] >= attempts)


async def none_waiting(register: Database) -> bool:
    return await Outbox(register).waiting() == 0
