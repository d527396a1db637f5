-- What the quality fund is spent on: proposed, decided by somebody else, perhaps taken back. All of it is only ever added to.
CREATE TABLE fund_uses (
    id varchar PRIMARY KEY, amount bigint NOT NULL CHECK (amount > 0), purpose varchar NOT NULL, branch varchar,
    proposed_at timestamptz NOT NULL, proposed_by varchar NOT NULL, key varchar
);
CREATE UNIQUE INDEX uq_fund_uses_key ON fund_uses (proposed_by, key) WHERE key IS NOT NULL;
CREATE TABLE fund_use_acts (
    use varchar REFERENCES fund_uses (id), act varchar CHECK (act IN ('approved', 'refused', 'reversed')),
    at timestamptz NOT NULL, by varchar NOT NULL, reason varchar, PRIMARY KEY (use, act)
);
CREATE UNIQUE INDEX uq_fund_use_acts_decided ON fund_use_acts (use) WHERE act IN ('approved', 'refused');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund_uses FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund_use_acts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE fund_uses ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE fund_use_acts ENABLE ALWAYS TRIGGER append_only;

-- Nobody approves what they proposed, whoever writes it here.
CREATE FUNCTION another_person_decides() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.act = 'approved' AND NEW."by" = (SELECT proposed_by FROM fund_uses WHERE id = NEW.use) THEN
        RAISE EXCEPTION '% proposed % and does not approve it', NEW."by", NEW.use USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER another_person_decides AFTER INSERT ON fund_use_acts FOR EACH ROW EXECUTE FUNCTION another_person_decides();
ALTER TABLE fund_use_acts ENABLE ALWAYS TRIGGER another_person_decides;

-- Nobody spends what the fund does not hold, also not two at once: the second waits for the first, and then looks.
-- What an appeal takes back out of it is not spent, and may leave it short.
CREATE FUNCTION the_fund_holds_what_is_spent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM postings WHERE number = NEW.number AND key = NEW.key AND kind = 'settlement';
    IF FOUND THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('quality fund', 0));
        IF (SELECT sum(moved) FROM ledger_totals WHERE account = NEW.account) < 0 THEN
            RAISE EXCEPTION 'the fund does not hold what % spends', NEW.number USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER the_fund_holds_what_is_spent AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.account = 'hq:quality_fund' AND NEW.amount < 0) EXECUTE FUNCTION the_fund_holds_what_is_spent();
ALTER TABLE ledger_entries ENABLE ALWAYS TRIGGER the_fund_holds_what_is_spent;
