-- Rulebooks on their way: drafts, revision by revision, and who confirmed them.

CREATE TABLE rulebook_drafts (
    version varchar NOT NULL, revision integer NOT NULL, hash varchar NOT NULL, effective date NOT NULL, note varchar NOT NULL,
    document jsonb NOT NULL, PRIMARY KEY (version, revision), UNIQUE (version, revision, hash)
);

CREATE TABLE rulebook_confirmations (
    version varchar NOT NULL, revision integer NOT NULL, part varchar NOT NULL CHECK (part IN ('drafter', 'reviewer', 'approver')),
    hash varchar NOT NULL, sub varchar NOT NULL, confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (version, revision, part), UNIQUE (version, revision, sub),
    FOREIGN KEY (version, revision, hash) REFERENCES rulebook_drafts (version, revision, hash)
);

-- What was published, drafted or confirmed stays so: neither the program nor a person at a prompt changes it.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rulebook_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rulebook_drafts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rulebook_confirmations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE rulebook_versions ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE rulebook_drafts ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE rulebook_confirmations ENABLE ALWAYS TRIGGER append_only;

-- Only what three people confirmed is published, save the starter an installation is set up with.
CREATE FUNCTION published_by_three() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    people bigint;
BEGIN
    SELECT count(*) INTO people FROM rulebook_confirmations WHERE version = NEW.version AND hash = NEW.hash
        AND revision = (SELECT max(revision) FROM rulebook_drafts WHERE version = NEW.version);
    IF people < 3 AND NEW.published_by <> 'setup' THEN
        RAISE EXCEPTION 'rulebook % is confirmed by % of three people', NEW.version, people USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER published_by_three BEFORE INSERT ON rulebook_versions FOR EACH ROW EXECUTE FUNCTION published_by_three();
