"""What customers are told passes the language guard of the complaint's rulebook (domain §2.1) before it is kept.

A phrase that is found asks for another wording, or for a reason (`despite`), which is kept beside the words. What says
nothing at all is refused whatever the reason. Notes between staff are nobody's business but theirs.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from api import bodies
from api.errors import BadInput, Problem
from api.fields import Body
from api.intake_bodies import NewComplaint
from domain.guard import phrases_in, says_nothing
from domain.rulebook import Rulebook
from domain.values import AnswerKind
from store import complaints, rulebooks


def told(body: Body) -> str | None:
    """The field of a body that holds what the customer, or the authority, is told."""
    match body:
        case bodies.Answer():
            return "words"
        case bodies.FirstContact(solution=str()) | NewComplaint(solution=str()):
            return "solution"
        case bodies.Promise():
            return "what"
        case _:
            return None


async def guard(session: AsyncSession, number: str, body: Body) -> str | None:
    """Look at what a decision tells the customer; answers the field that does. Raises 422."""
    field = told(body)
    if field is not None:
        row = await complaints.row(session, number)
        assert row is not None
        pinned = await rulebooks.get(session, row.rulebook_version)
        assert pinned is not None
        look(pinned.rulebook, body, field)
    return field


def look(rulebook: Rulebook, body: Body, field: str) -> None:
    """422 for what says nothing, and for a phrase no customer should read, unless there is a reason for it."""
    words, despite = getattr(body, field), getattr(body, "despite", None)
    for name, said in ((field, words), ("despite", despite)):
        if said is not None and says_nothing(said):
            raise BadInput("This says nothing. Say what was found, what is done about it and by when.", name, kind="SaysNothing")
    if despite is not None or getattr(body, "kind", None) is AnswerKind.REGULATOR_REPLY:
        return
    found = {
        phrase: dict(objected.labels)
        for objected in rulebook.phrases.lists.values()
        for phrase in phrases_in(words, (*objected.zh, *objected.en))
    }
    if found:
        quoted = ", ".join(f"“{phrase}” ({why['en'].lower()})" for phrase, why in found.items())
        raise Problem(
            f"A customer is not told {quoted}. Say it in other words, or send it again with the reason as `despite`.",
            status=422,
            kind="NeedsAnotherWording",
            errors=[{"field": field, "detail": f"says {quoted}"}],
            more={"phrases": [{"phrase": phrase, "why": why} for phrase, why in found.items()]},
        )
