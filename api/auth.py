"""Who speaks: signed tokens become principals, and what a principal's unit may see.

The installation's own key signs HS256 tokens (`amends token`). Another issuer (OIDC) is another `Verifier`.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import Problem, document
from domain.commands import Actor
from domain.values import HQ_ROLES, STAFF_ROLES, Role

HQ = "hq"
MACHINES = "/v1/adapters/"
"""Where other systems speak. They carry no token; each route there knows its own by their signature."""
SUB = re.compile(r"[\w@.:+-]{1,80}")


class Unauthenticated(Problem):
    """No token, or one that does not hold."""

    status = 401

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


@dataclass(frozen=True)
class Principal:
    """A person as the token names them: an opaque code, roles, and a unit with those below it.

    `stands_in` are units whose manager they stand in for today (代理), `seen_in_stead` these with those below them.
    """

    sub: str
    roles: frozenset[Role]
    unit: str
    units_below: frozenset[str] = field(default_factory=frozenset)
    stands_in: tuple[str, ...] = ()
    seen_in_stead: frozenset[str] = field(default_factory=frozenset)

    @property
    def sees(self) -> set[str] | None:
        """Units whose complaints are in scope; None means all of them (HQ, finance, operator, auditor)."""
        return None if self.roles & HQ_ROLES else set(self.units_below) | {self.unit} | self.seen_in_stead

    @property
    def sees_people(self) -> bool:
        """An operator repairs processes and reads no names, numbers or words."""
        return bool(self.roles - {Role.OPERATOR})

    @property
    def actor(self) -> Actor:
        return Actor(sub=self.sub, roles=tuple(sorted(self.roles)), unit=self.unit, stands_in=self.stands_in)


class Verifier(Protocol):
    """Turns a bearer token into its claims, or raises `Unauthenticated`."""

    def claims(self, token: str) -> dict[str, Any]: ...


class OwnKey:
    """Tokens signed with the installation's own key (HS256)."""

    def __init__(self, secret: bytes | str) -> None:
        self.key = OctKey.import_key(secret)

    def claims(self, token: str) -> dict[str, Any]:
        try:
            claims = jwt.decode(token, self.key, algorithms=["HS256"]).claims
            jwt.JWTClaimsRegistry(leeway=30).validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise Unauthenticated("The token does not hold: it is not ours, is damaged or has run out.") from error
        return claims

    def sign(self, sub: str, roles: list[str], branch: str | None = None, *, valid_for: int = 30 * 86_400) -> str:
        """A token for `amends token`, tests and the demo; `valid_for` in seconds."""
        now = int(time.time())
        claims: dict[str, Any] = {"sub": sub, "roles": roles, "iat": now, "exp": now + valid_for}
        return jwt.encode({"alg": "HS256"}, claims | ({"branch": branch} if branch else {}), self.key)


def principal(claims: dict[str, Any]) -> Principal:
    """The principal a token's claims name, before its unit is looked up."""
    sub, roles, branch = claims.get("sub"), claims.get("roles"), claims.get("branch")
    if not isinstance(sub, str) or not SUB.fullmatch(sub):
        raise Unauthenticated("The token names no staff code (`sub`).")
    if not isinstance(roles, list) or not roles or not all(role in STAFF_ROLES for role in roles if isinstance(role, str)):
        raise Unauthenticated("The token names no role of ours (`roles`).")
    if not all(isinstance(role, str) for role in roles) or not isinstance(branch, str | None):
        raise Unauthenticated("The token's `roles` are codes and its `branch` is one code.")
    held = frozenset(Role(role) for role in roles)
    if branch is None and not held & HQ_ROLES:
        raise Unauthenticated("The token of a branch role names its unit (`branch`).")
    return Principal(sub, held, branch or HQ)


def bearer(header: str | None) -> str:
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Please say who you are: Authorization: Bearer <token>.")
    return token.strip()


class Doorkeeper:
    """Asks everybody under `/v1` who they are before anything of the request is read; leaves the claims in its state."""

    def __init__(self, app: ASGIApp, verifier: Verifier) -> None:
        self.app, self.verifier = app, verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v1") and not scope["path"].startswith(MACHINES):
            try:
                claims = self.verifier.claims(bearer(Headers(scope=scope).get("authorization")))
            except Unauthenticated as problem:
                await document(problem)(scope, receive, send)
                return
            scope.setdefault("state", {})["claims"] = claims
        await self.app(scope, receive, send)
