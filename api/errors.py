"""Every refusal as a problem document (RFC 9457): a type, a sentence, and for bad input the fields.

Problem                 raised by routes and the desk, with its status
├── NotFound            404: does not exist, or not for this reader
├── Forbidden           403: may be seen, not done
├── Refused             409: the rules refuse it
├── BadInput            422: with the fields
└── Away                503: Temporal or the worker does not answer
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from store.paging import BadCursor

log = structlog.get_logger(__name__)

MAY_BE_RECORDED = "It may yet be recorded; sending the same request again is safe."
CLOSED = "The complaint is closed; a new call opens a complaint of its own."
REGISTER_AWAY = "The register does not answer at the moment. Nothing was lost; please send the same request again."


class Problem(Exception):
    """A refusal with its HTTP status; `errors` name fields, `more` adds members to the document."""

    status = 500

    def __init__(
        self,
        detail: str,
        *,
        status: int | None = None,
        kind: str | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail, self.kind, self.errors, self.more = detail, kind, list(errors), more or {}
        self.headers = dict(headers or {})
        self.code = status or self.status


class NotFound(Problem):
    status = 404


class Forbidden(Problem):
    status = 403


class Refused(Problem):
    status = 409


class BadInput(Problem):
    """`field` names what is wrong; without it the whole request is."""

    status = 422

    def __init__(self, detail: str, field: str | None = None, kind: str | None = None) -> None:
        super().__init__(detail, kind=kind, errors=[{"field": field, "detail": detail}] if field else ())


class Away(Problem):
    status = 503

    def __init__(self, detail: str = MAY_BE_RECORDED, *, after: int = 5) -> None:
        super().__init__(detail, headers={"Retry-After": str(after)})


def document(problem: Problem) -> JSONResponse:
    title = HTTPStatus(problem.code).phrase
    kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", problem.kind).lower() if problem.kind else title.lower().replace(" ", "-")
    content: dict[str, Any] = {
        "type": f"urn:amends:problem:{kind}",
        "title": title,
        "status": problem.code,
        "detail": problem.detail,
    }
    if problem.errors:
        content["errors"] = problem.errors
    content |= problem.more
    return JSONResponse(content, problem.code, problem.headers, media_type="application/problem+json")


def fields(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Pydantic's errors as field and sentence; what was sent is never echoed."""
    return [{"field": _field(error["loc"]), "detail": str(error["msg"]).removeprefix("Value error, ")} for error in errors]


def _field(loc: Sequence[Any]) -> str:
    steps = [str(step) for step in loc if "[" not in str(step)]  # what pydantic calls the branches of a union
    return ".".join(steps[1:] if steps and steps[0] in ("body", "query", "path", "header") else steps) or "body"


def invalid(errors: Sequence[Any]) -> Problem:
    found = fields(errors)
    first = found[0] if found else {"field": "body", "detail": "not understood"}
    return Problem(f"{first['field']}: {first['detail']}", status=422, errors=found)


def install(app: FastAPI) -> None:
    """Make every error that leaves the application a problem document."""

    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> JSONResponse:
        return document(problem)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        # An unreadable body (bad encoding, absurd numbers or nesting) reaches us as a bare 400.
        status = 422 if error.status_code == 400 else error.status_code
        detail = {404: "There is nothing here.", 405: "This does not take that method."}.get(status, str(error.detail))
        return document(Problem(detail, status=status, headers=error.headers))

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return document(invalid(error.errors()))

    @app.exception_handler(BadCursor)
    async def on_bad_cursor(request: Request, error: BadCursor) -> JSONResponse:
        return document(BadInput(str(error), "cursor"))

    @app.exception_handler(ValidationError)
    async def on_invalid_command(request: Request, error: ValidationError) -> JSONResponse:
        return document(invalid(error.errors(include_url=False, include_input=False)))

    async def on_register_away(request: Request, error: Exception) -> JSONResponse:
        log.warning("register_away", path=request.scope["path"], error=type(error).__name__)
        return document(Away(REGISTER_AWAY))

    for away in (OperationalError, InterfaceError, PoolTimeout, ConnectionError):
        app.add_exception_handler(away, on_register_away)

    @app.exception_handler(IntegrityError)
    async def on_race(request: Request, error: IntegrityError) -> JSONResponse:
        log.warning("recorded_by_another", path=request.scope["path"])
        return document(
            Refused("The same is being recorded at this very moment; please send it again.", headers={"Retry-After": "1"})
        )

    @app.exception_handler(DBAPIError)
    async def on_broken_connection(request: Request, error: DBAPIError) -> JSONResponse:
        if error.connection_invalidated:
            return await on_register_away(request, error)
        return await on_bug(request, error)

    @app.exception_handler(Exception)
    async def on_bug(request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", path=request.scope["path"], error=type(error).__name__, exc_info=error)
        return document(Problem("Something is broken on our side; it has been logged.", status=500))
