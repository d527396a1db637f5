from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.smtp import SmtpChannel
from tests.adapters.post_office import PostOffice


@pytest.fixture
async def post_office() -> AsyncIterator[PostOffice]:
    office = PostOffice()
    await office.open()
    yield office
    await office.close()


@pytest.fixture
def smtp(post_office: PostOffice) -> SmtpChannel:
    return SmtpChannel("127.0.0.1", post_office.port, sender="desk@amends.example", timeout=timedelta(seconds=5))
