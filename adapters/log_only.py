"""Letters that are only logged: for the demo, and for a house that tells people by other means."""

from __future__ import annotations

import structlog

from activities.notices import Letter

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class LogOnlyChannel:
    """Needs no address. Logs who is told (a role, never a person) and the subject, which holds no personal data."""

    async def deliver(self, letter: Letter) -> str:
        log.info("notice_told", to=letter.to, subject=letter.subject, language=letter.language, key=letter.key)
        return f"log:{letter.key}"
