-- The ledger's months, its running totals, and the penalty sheet. All of it is only ever added to.

ALTER TABLE postings ADD COLUMN seq integer, ADD COLUMN posted_by varchar;
CREATE INDEX ix_postings_reverses ON postings (number, reverses) WHERE reverses IS NOT NULL;

CREATE TABLE ledger_months (
    month varchar PRIMARY KEY CHECK (month ~ '^20\d\d-(0[1-9]|1[0-2])$'), closed_at timestamptz NOT NULL, closed_by varchar NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_months FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE ledger_months ENABLE ALWAYS TRIGGER append_only;

-- An entry lands in its fact's own month while that is open, else in the first open one. Who closes a month waits for the
-- postings under way, and they for who closes it.
CREATE FUNCTION into_an_open_month() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed varchar;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('ledger months', 0));
    SELECT max(month) INTO closed FROM ledger_months;
    IF NEW.month <= closed THEN
        NEW.month := to_char(to_date(closed, 'YYYY-MM') + interval '1 month', 'YYYY-MM');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER into_an_open_month BEFORE INSERT ON postings FOR EACH ROW EXECUTE FUNCTION into_an_open_month();
ALTER TABLE postings ENABLE ALWAYS TRIGGER into_an_open_month;

-- A posting is whole when its transaction ends: it sums to zero, and nothing is added to it later.
CREATE OR REPLACE FUNCTION posting_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total bigint;
    begun boolean;
BEGIN
    SELECT sum(amount) INTO total FROM ledger_entries WHERE number = NEW.number AND key = NEW.key;
    IF total IS DISTINCT FROM 0 THEN
        RAISE EXCEPTION 'posting % of % sums to %, not zero', NEW.key, NEW.number, total USING ERRCODE = 'check_violation';
    END IF;
    SELECT xmin = pg_current_xact_id()::xid INTO begun FROM postings WHERE number = NEW.number AND key = NEW.key;
    IF NOT begun THEN
        RAISE EXCEPTION 'posting % of % is complete; nothing is added to it', NEW.key, NEW.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
ALTER TABLE postings ENABLE ALWAYS TRIGGER sums_to_zero;
ALTER TABLE ledger_entries ENABLE ALWAYS TRIGGER sums_to_zero;

-- What an account moved in a month, kept with every entry and by nothing else, so that it cannot say anything but their sum.
CREATE TABLE ledger_totals (
    account varchar, month varchar, moved bigint NOT NULL, entries bigint NOT NULL, PRIMARY KEY (account, month)
);
CREATE FUNCTION keep_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_totals AS t (account, month, moved, entries)
    SELECT e.account, p.month, sum(e.amount), count(*)
    FROM added e JOIN postings p ON p.number = e.number AND p.key = e.key
    GROUP BY e.account, p.month ORDER BY e.account, p.month -- always in that order: two writers never wait for each other
    ON CONFLICT (account, month) DO UPDATE SET moved = t.moved + excluded.moved, entries = t.entries + excluded.entries;
    RETURN NULL;
END $$;
CREATE FUNCTION only_entries_move_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 OR TG_OP NOT IN ('INSERT', 'UPDATE') THEN
        RAISE EXCEPTION '% follows the entries: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
INSERT INTO ledger_totals (account, month, moved, entries)
SELECT e.account, p.month, sum(e.amount), count(*)
FROM ledger_entries e JOIN postings p ON p.number = e.number AND p.key = e.key GROUP BY e.account, p.month;
CREATE TRIGGER keep_totals AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION keep_totals();
CREATE TRIGGER only_entries_move_totals BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger_totals
    FOR EACH STATEMENT EXECUTE FUNCTION only_entries_move_totals();
ALTER TABLE ledger_entries ENABLE ALWAYS TRIGGER keep_totals;
ALTER TABLE ledger_totals ENABLE ALWAYS TRIGGER only_entries_move_totals;

-- The penalty sheet: revisions, what was done with them, the lines a signed one holds, and what finance has executed.
CREATE TABLE penalty_sheets (
    month varchar, revision integer, lines jsonb NOT NULL, hash varchar NOT NULL, drafted_at timestamptz NOT NULL,
    drafted_by varchar NOT NULL, PRIMARY KEY (month, revision)
);
CREATE TABLE penalty_sheet_acts (
    month varchar, revision integer, act varchar, at timestamptz NOT NULL, by varchar NOT NULL, hash varchar NOT NULL, reason varchar,
    PRIMARY KEY (month, revision, act), FOREIGN KEY (month, revision) REFERENCES penalty_sheets (month, revision)
);
CREATE UNIQUE INDEX uq_penalty_sheet_acts_once ON penalty_sheet_acts (month, act) WHERE act <> 'returned';
CREATE TABLE penalty_sheet_lines (
    line varchar PRIMARY KEY, month varchar NOT NULL
);
CREATE TABLE penalty_sheet_marks (
    line varchar PRIMARY KEY REFERENCES penalty_sheet_lines (line), at timestamptz NOT NULL, by varchar NOT NULL, reference varchar
);
CREATE INDEX ix_penalty_sheet_lines_month ON penalty_sheet_lines (month);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON penalty_sheets FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON penalty_sheet_acts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON penalty_sheet_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON penalty_sheet_marks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE penalty_sheets ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE penalty_sheet_acts ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE penalty_sheet_lines ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE penalty_sheet_marks ENABLE ALWAYS TRIGGER append_only;
