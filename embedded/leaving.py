"""The one way out of a process that had a Temporal client.

The SDK's native threads can crash the interpreter while it shuts down, after everything has succeeded
(seen on Python 3.11 and 3.12). So we close what we opened, flush, and leave without the interpreter's own shutdown.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import NoReturn


def leave(code: int, *closers: Callable[[], object]) -> NoReturn:
    """Close in the order given (one that fails is logged and makes the exit code non-zero), flush, exit with `code`."""
    for close in closers:
        try:
            close()
        except Exception:  # the outermost line of the process
            logging.getLogger("amends").exception("closing failed on the way out")
            code = code or 1
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # the reader has gone; there is nobody left to tell
            code = code or 1
    os._exit(code)
