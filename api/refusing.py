"""Rules that are kept in the register, not in a process: their refusals as problem documents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.errors import BadInput, Forbidden, Refused
from domain.errors import NotPermitted, RuleBroken, Unacceptable


@contextmanager
def rules() -> Iterator[None]:
    """403 for whom it is not, 422 for what makes no sense, 409 for whatever else the rules refuse."""
    try:
        yield
    except RuleBroken as broken:
        kind = type(broken).__name__
        if isinstance(broken, NotPermitted):
            raise Forbidden(str(broken), kind=kind) from None
        raise (
            BadInput(str(broken), kind=kind) if isinstance(broken, Unacceptable) else Refused(str(broken), kind=kind)
        ) from None
