"""The letter of a final response (最终答复): written as soon as the response is on record, kept as evidence, each once.

Its id follows from the answer it says, so that whoever is asked again finds it written; housekeeping writes what was missed.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.documents import Documents, FinalResponse
from adapters.evidence import EvidenceStorage
from domain.months import BUSINESS_ZONE
from store import complaints, evidence, rulebooks, texts
from store.database import Database
from store.tables import Answer, Evidence

AT_ONCE = 50
_documents = Documents()


async def write_final_letters(database: Database, storage: EvidenceStorage, number: str | None = None) -> int:
    """Write the letters that final responses (of one complaint) lack; answers how many."""
    async with database.session() as session:
        answers = await evidence.final_responses_without_letter(session, AT_ONCE, number)
    for answer in answers:
        async with database.session() as session:
            said, language = await _said(session, answer)
        content = _documents.final_response(said, language)
        row = Evidence(
            id=evidence.letter_id(answer.number, answer.key),
            number=answer.number,
            name=f"final-response-{answer.number}.html",
            media_type="text/html",
            size=len(content),
            sha256=await storage.keep_own(content),
            brought_by="system",
            brought_at=answer.told_at,
        )
        async with database.session() as session:
            await evidence.keep_once(session, row)
    return len(answers)


async def _said(session: AsyncSession, answer: Answer) -> tuple[FinalResponse, str]:
    """What the letter says, from the register, and in which language."""
    found = await complaints.dossier(session, answer.number)
    assert found is not None
    row, person = found.complaint, found.complainant
    money = next((held for held in found.compensations if held.round == answer.round), None)
    book = await rulebooks.get(session, row.rulebook_version)
    category = book.rulebook.categories.codes.get(row.category) if book else None
    words = await texts.bodies(session, [answer.words_ref])
    return FinalResponse(
        number=row.number,
        waybill=row.waybill,
        name=person.name,
        about=category.labels["en" if person.language == "en" else "zh"] if category else row.category,
        asked_for=row.remedy_sought,
        told_at=answer.told_at,
        words=words.get(answer.words_ref, ""),
        steps=money.explanation if money else [],
        computed=(money.computed or 0) if money else 0,
        paid=sum(held.paid for held in found.compensations),
        zone=book.rulebook.desk.timezone if book else BUSINESS_ZONE.key,
        doors=[door.text for door in book.rulebook.next_doors.doors] if book else (),
    ), person.language
