"""What no request may be: larger than a letter and its photographs, or carrying bytes no text has."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BadInput, NotFound, Problem, document

JSON_LIMIT = 256 * 1024
FILE_LIMIT = 10 * 1024 * 1024
FORM_ROOM = 64 * 1024
"""Room for the multipart framing around a file of `FILE_LIMIT`."""


class Limits:
    """Reads bodies whole, up to the limit, before the application sees them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            receive = await self._checked(scope, receive)
        except Problem as problem:
            await document(problem)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive) -> Receive:
        if "\0" in scope["path"]:
            raise NotFound("There is nothing here.")
        if b"%00" in scope["query_string"]:
            raise BadInput("A query holds no NUL characters.", "query")
        headers = dict(scope["headers"])
        limit = FILE_LIMIT + FORM_ROOM if headers.get(b"content-type", b"").startswith(b"multipart/") else JSON_LIMIT
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            raise too_large(limit)
        return _replay(await _whole(receive, limit), receive)


async def _whole(receive: Receive, limit: int) -> list[Message]:
    messages, size = [await receive()], 0
    while True:
        size += len(messages[-1].get("body", b""))
        if size > limit:
            raise too_large(limit)
        if messages[-1]["type"] != "http.request" or not messages[-1].get("more_body"):
            return messages
        messages.append(await receive())


def _replay(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def again() -> Message:
        return next(waiting, None) or await receive()

    return again


def too_large(limit: int) -> Problem:
    return Problem(f"That is too large: at most {limit // 1024} KiB are taken.", status=413)
