"""What may never be found in the books, as queries; what nobody may do to them; and what tells whether a closed month changed."""

from __future__ import annotations

from sqlalchemy import text

BROKEN = {
    "a posting that does not sum to zero": """
        SELECT p.number, p.key FROM postings p LEFT JOIN ledger_entries e USING (number, key)
        GROUP BY 1, 2 HAVING coalesce(sum(e.amount), 1) <> 0""",
    "an entry nobody made": "SELECT number, key FROM postings WHERE posted_by IS NULL",
    "an entry of no complaint and no use": """
        SELECT number FROM postings p WHERE NOT EXISTS (SELECT FROM complaints c WHERE c.number = p.number)
          AND NOT EXISTS (SELECT FROM fund_use_acts a WHERE a.use = p.number)""",
    "a penalty without a clause, and a ruling or a signature": """
        SELECT p.number, p.key FROM postings p LEFT JOIN penalty_reviews v ON v.key = p.review
        LEFT JOIN penalty_sheet_lines s ON s.line = p.number || ':' || p.key
        LEFT JOIN penalty_sheet_acts a ON a.month = s.month AND a.act = 'signed'
        WHERE p.kind = 'penalty' AND (p.clause IS NULL OR coalesce(v.ruling ->> 'ruled_by', a.by) IS NULL)""",
    "a share of no ruling": """
        SELECT p.number, p.key FROM postings p LEFT JOIN penalty_reviews v ON v.key = p.review
        WHERE p.kind = 'share' AND v.ruling ->> 'ruled_by' IS NULL""",
    "a reversal of nothing, or of something else": """
        SELECT p.number, p.key FROM postings p LEFT JOIN postings r ON r.number = p.number AND r.key = p.reverses
        WHERE p.kind = 'reversal' AND (r.key IS NULL OR EXISTS (
            SELECT account FROM ledger_entries e WHERE e.number = p.number AND e.key IN (p.key, r.key)
            GROUP BY account HAVING sum(amount) <> 0))""",
    "something reversed twice": """
        SELECT number, reverses FROM postings WHERE reverses IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1""",
    "a use spent without its approval by another person": """
        SELECT p.number FROM postings p JOIN fund_uses u ON u.id = p.number LEFT JOIN fund_use_acts a
          ON a.use = u.id AND a.act = 'approved' AND a.by <> u.proposed_by WHERE a.use IS NULL""",
}
MEDDLING = (
    *(f"{verb} {table}" for table in ("postings", "ledger_entries", "ledger_months") for verb in ("DELETE FROM", "TRUNCATE")),
    *("UPDATE postings SET month = '2020-01'", "UPDATE ledger_entries SET amount = 0", "UPDATE ledger_totals SET moved = 0"),
    *("UPDATE fund_uses SET amount = amount + 1", "DELETE FROM penalty_sheet_lines", "DELETE FROM ledger_totals"),
    "INSERT INTO ledger_entries SELECT id || 'x', number, key, account, amount FROM ledger_entries",
)
CLOSED = text("""
    SELECT md5(string_agg(e.id || e.account || e.amount || p.month || p.posted_at, ',' ORDER BY e.id))
    FROM ledger_entries e JOIN postings p USING (number, key) WHERE p.month <= :month
""")


LAWS = {what: text(query.replace(":", "\\:")) for what, query in BROKEN.items()}
