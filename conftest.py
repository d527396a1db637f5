"""The test run leaves as every entry point does: the Temporal client's threads at exit must not decide whether it was green."""

from __future__ import annotations

import pytest

from embedded.leaving import leave

_outcome = pytest.StashKey[int]()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[_outcome] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    outcome = config.stash.get(_outcome, None)
    if outcome is not None:
        leave(outcome)
