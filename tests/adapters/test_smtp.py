from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from activities.notices import ChannelAway, Letter, NoAddress, Undeliverable
from adapters.smtp import SmtpChannel
from tests.adapters.post_office import PostOffice

LETTER = Letter(
    key="8f" * 16,
    to="complainant",
    to_address="guest@example.com",
    to_name="客户乙",
    subject="您的投诉已受理，我们会在 2026年11月23日 09:30 前与您联系（A261122-000001）",
    body="179件货到佛山，只送了174件。\n" + "给您添了麻烦，十分抱歉。" * 40 + "\n.\n完\n",
    language="zh",
)


async def test_a_chinese_letter_arrives_whole(smtp: SmtpChannel, post_office: PostOffice) -> None:
    message_id = await smtp.deliver(LETTER)
    (arrived,) = post_office.letters
    assert arrived["Subject"] == LETTER.subject
    assert arrived.get_content() == LETTER.body
    assert arrived["To"].addresses[0].display_name == "客户乙"
    assert post_office.recipients == ["guest@example.com"]
    assert arrived["Message-ID"] == message_id == f"<{LETTER.key}@amends.example>"
    assert arrived["Content-Language"] == "zh-CN"


async def test_the_same_notice_sent_twice_has_the_same_message_id(smtp: SmtpChannel, post_office: PostOffice) -> None:
    assert await smtp.deliver(LETTER) == await smtp.deliver(LETTER)
    assert len({letter["Message-ID"] for letter in post_office.letters}) == 1


async def test_a_server_that_is_down_is_tried_again_later(smtp: SmtpChannel, post_office: PostOffice) -> None:
    await post_office.close()
    with pytest.raises(ChannelAway):
        await smtp.deliver(LETTER)


async def test_a_server_that_never_answers_costs_no_more_than_the_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        channel = SmtpChannel("127.0.0.1", silent.getsockname()[1], sender="a@b.example", timeout=timedelta(seconds=0.3))
        with pytest.raises(ChannelAway, match="TimeoutError"):
            await channel.deliver(LETTER)


@pytest.mark.parametrize(("answer", "refusal"), [("550 no such user", Undeliverable), ("451 greylisted", ChannelAway)])
async def test_a_refused_recipient_is_final_only_when_the_server_says_so(
    smtp: SmtpChannel, post_office: PostOffice, answer: str, refusal: type[Exception]
) -> None:
    post_office.refused["guest@example.com"] = answer
    with pytest.raises(refusal, match=answer[:3]) as refused:
        await smtp.deliver(LETTER)
    assert "guest" not in str(refused.value)


@pytest.mark.parametrize(("answer", "refusal"), [("554 looks like spam", Undeliverable), ("452 disk full", ChannelAway)])
async def test_a_refused_text_is_final_only_when_the_server_says_so(
    smtp: SmtpChannel, post_office: PostOffice, answer: str, refusal: type[Exception]
) -> None:
    post_office.content_refused = answer
    with pytest.raises(refusal, match=answer[:3]):
        await smtp.deliver(LETTER)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_our_own_wrong_password_is_not_the_letters_fault(post_office: PostOffice) -> None:
    post_office.password = b"right"
    wrong, right = (
        SmtpChannel("127.0.0.1", post_office.port, sender="a@b.example", user="amends", password=password)
        for password in ("wrong", "right")
    )
    with pytest.raises(ChannelAway):
        await wrong.deliver(LETTER)
    await right.deliver(LETTER)
    assert len(post_office.letters) == 1


async def test_a_server_without_the_encryption_asked_for_gets_no_letter(post_office: PostOffice) -> None:
    with pytest.raises(ChannelAway):
        await SmtpChannel("127.0.0.1", post_office.port, sender="a@b.example", tls="starttls").deliver(LETTER)
    assert not post_office.letters


@pytest.mark.parametrize("address", [None, ""])
async def test_without_an_address_there_is_no_sending(smtp: SmtpChannel, address: str | None) -> None:
    with pytest.raises(NoAddress):
        await smtp.deliver(LETTER.model_copy(update={"to_address": address}))


@pytest.mark.parametrize("address", ["no-at-sign", "a@b\r\nBcc: c@d.example", "@", "a b@c.example", "客户@例子.example"])
async def test_what_is_no_address_is_never_sent(smtp: SmtpChannel, post_office: PostOffice, address: str) -> None:
    with pytest.raises(Undeliverable):
        await smtp.deliver(LETTER.model_copy(update={"to_address": address}))
    assert not post_office.letters


async def test_a_subject_cannot_smuggle_in_a_header(smtp: SmtpChannel, post_office: PostOffice) -> None:
    with pytest.raises(Undeliverable):
        await smtp.deliver(LETTER.model_copy(update={"subject": "您好\r\nBcc: c@d.example"}))
    assert not post_office.letters
