"""`amends demo`: three real cases and an invented one, lived through HTTP by people with tokens, in virtual time."""

from embedded.demo.play import run

__all__ = ["run"]
