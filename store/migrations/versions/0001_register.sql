-- The register as first released. Sums are fen (bigint), moments timestamptz, codes of enums varchar, lists of codes text[].

CREATE TABLE units (
    code varchar PRIMARY KEY, kind varchar NOT NULL, parent varchar REFERENCES units (code), name_zh varchar NOT NULL,
    name_en varchar NOT NULL, region varchar, phone varchar, email varchar, state varchar NOT NULL DEFAULT 'open',
    successor varchar
);
CREATE INDEX ix_units_parent ON units (parent);

CREATE TABLE staff (
    sub varchar PRIMARY KEY, name varchar, unit varchar NOT NULL, roles text[] NOT NULL,
    first_seen timestamptz NOT NULL, last_seen timestamptz NOT NULL
);

CREATE TABLE complainants (
    id serial PRIMARY KEY, hash varchar NOT NULL, role varchar NOT NULL, name varchar NOT NULL, phone varchar,
    email varchar, language varchar NOT NULL
);
CREATE INDEX ix_complainants_hash ON complainants (hash);
CREATE INDEX ix_complainants_phone ON complainants (phone);

CREATE TABLE complaints (
    number varchar PRIMARY KEY, uuid varchar NOT NULL, received_at timestamptz NOT NULL, received_by varchar NOT NULL,
    channel varchar NOT NULL, complainant_id integer NOT NULL REFERENCES complainants (id),
    complainant_hash varchar NOT NULL, complainant varchar NOT NULL, language varchar NOT NULL,
    reported_category varchar NOT NULL, reported_waybill varchar, description_ref varchar NOT NULL,
    text_digest varchar NOT NULL, remedy_sought varchar, region varchar, freight bigint, declared_value bigint,
    claimed bigint, promised_at timestamptz, delivered_at timestamptz, customer_deadline timestamptz, pieces integer,
    hold_for_release boolean NOT NULL, payee_ref varchar, ticket varchar UNIQUE, batch varchar,
    solved_on_spot boolean NOT NULL, rulebook_version varchar NOT NULL, rulebook_hash varchar NOT NULL,
    intake jsonb NOT NULL, started_at timestamptz, archived_at timestamptz, lost_at timestamptz, applied_seq integer NOT NULL,
    status varchar NOT NULL, stage varchar NOT NULL, outcome varchar, severity varchar NOT NULL,
    issue_count integer NOT NULL, chase_count integer NOT NULL, hand_on_count integer NOT NULL, round integer NOT NULL,
    category varchar NOT NULL, waybill varchar, origin varchar, destination varchar, hub varchar,
    owner varchar NOT NULL, handler varchar NOT NULL, units text[] NOT NULL, liable text[] NOT NULL,
    resolved_at timestamptz, closed_at timestamptz, merged_into varchar, regulator_appeal varchar
);
CREATE INDEX ix_complaints_batch ON complaints (batch);
CREATE INDEX ix_complaints_complainant_hash ON complaints (complainant_hash);
CREATE INDEX ix_complaints_received ON complaints (received_at, number);
CREATE INDEX ix_complaints_units ON complaints USING gin (units);
CREATE INDEX ix_complaints_unstarted ON complaints (received_at) WHERE started_at IS NULL;
CREATE INDEX ix_complaints_waybill ON complaints (waybill);
CREATE UNIQUE INDEX uq_complaints_open ON complaints (reported_waybill, complainant_hash, reported_category)
    WHERE closed_at IS NULL AND status <> 'closed' AND reported_waybill IS NOT NULL;

CREATE TABLE obligations (
    number varchar, key varchar, owed varchar NOT NULL, role varchar NOT NULL, unit varchar NOT NULL, sub varchar,
    since timestamptz NOT NULL, opens_at timestamptz NOT NULL, due timestamptz NOT NULL, measure varchar NOT NULL,
    kind varchar NOT NULL, opened boolean NOT NULL, late boolean NOT NULL, next_at timestamptz, next_does varchar,
    next_role varchar, next_unit varchar, ended_at timestamptz, ending varchar, PRIMARY KEY (number, key)
);
CREATE INDEX ix_obligations_open ON obligations (due, number, key) WHERE opened AND ending IS NULL;

CREATE TABLE timeline (
    number varchar, seq integer, at timestamptz NOT NULL, name varchar NOT NULL, actor varchar NOT NULL,
    role varchar NOT NULL, details jsonb NOT NULL, PRIMARY KEY (number, seq)
);

CREATE TABLE decisions (
    number varchar, key varchar, digest varchar NOT NULL, told jsonb NOT NULL, seq integer NOT NULL,
    PRIMARY KEY (number, key)
);
CREATE INDEX ix_decisions_digest ON decisions (number, digest);

CREATE TABLE further_calls (
    id varchar PRIMARY KEY, number varchar NOT NULL REFERENCES complaints (number), at timestamptz NOT NULL,
    text_ref varchar, text_digest varchar, command jsonb NOT NULL, handed_over_at timestamptz, answer jsonb
);
CREATE INDEX ix_further_calls_number ON further_calls (number);
CREATE INDEX ix_further_calls_waiting ON further_calls (at) WHERE handed_over_at IS NULL;

CREATE TABLE intake_requests (
    principal varchar, key varchar, digest varchar NOT NULL, number varchar NOT NULL, call varchar,
    PRIMARY KEY (principal, key)
);

CREATE TABLE findings (
    number varchar, key varchar, round integer NOT NULL, validity varchar NOT NULL, cause_ref varchar,
    cause_code varchar, category varchar NOT NULL, remedy_ref varchar, liable jsonb NOT NULL, facts jsonb NOT NULL,
    resolved_on_spot boolean NOT NULL, submitted_at timestamptz NOT NULL, submitted_by varchar NOT NULL,
    returned_ref varchar, PRIMARY KEY (number, key)
);

CREATE TABLE penalty_reviews (
    number varchar, key varchar, round integer NOT NULL, status varchar NOT NULL, severity varchar NOT NULL,
    claimant varchar NOT NULL, respondents text[] NOT NULL, statements jsonb NOT NULL, ruling jsonb,
    appeals jsonb NOT NULL, appeal_decision jsonb, opened_at timestamptz NOT NULL, final_at timestamptz,
    PRIMARY KEY (number, key)
);
CREATE INDEX ix_penalty_reviews_opened_at ON penalty_reviews (opened_at);

CREATE TABLE penalty_lines (
    number varchar, key varchar, review varchar NOT NULL, unit varchar NOT NULL, clause varchar NOT NULL,
    parcels integer NOT NULL, amount bigint NOT NULL, appealed varchar, remaining bigint NOT NULL,
    final boolean NOT NULL, PRIMARY KEY (number, key)
);
CREATE INDEX ix_penalty_lines_unit ON penalty_lines (unit);

CREATE TABLE visits (
    number varchar, key varchar, round integer NOT NULL, visit integer NOT NULL, result varchar NOT NULL,
    channel varchar NOT NULL, words_ref varchar, score integer, made_at timestamptz NOT NULL, made_by varchar NOT NULL,
    final boolean NOT NULL, PRIMARY KEY (number, key)
);

CREATE TABLE answers (
    number varchar, key varchar, round integer NOT NULL, kind varchar NOT NULL, words_ref varchar NOT NULL,
    channel varchar NOT NULL, told_at timestamptz NOT NULL, told_by varchar NOT NULL, PRIMARY KEY (number, key)
);

CREATE TABLE exchange (
    number varchar, key varchar, round integer NOT NULL, asker varchar NOT NULL, asked varchar NOT NULL,
    question_ref varchar NOT NULL, asked_at timestamptz NOT NULL, asked_by varchar NOT NULL, reply_ref varchar,
    confirms boolean, replied_at timestamptz, replied_by varchar, PRIMARY KEY (number, key)
);

CREATE TABLE compensations (
    number varchar, round integer, computed bigint, proposed bigint, approved bigint, paid bigint NOT NULL,
    state varchar NOT NULL, explanation jsonb NOT NULL, missing text[] NOT NULL, maker varchar, approved_by varchar,
    reason_ref varchar, PRIMARY KEY (number, round)
);

CREATE TABLE payments (
    number varchar, key varchar, round integer NOT NULL, amount bigint NOT NULL, state varchar NOT NULL,
    provider varchar NOT NULL, payee_ref varchar, reference varchar, sent_at timestamptz NOT NULL,
    settled_at timestamptz, PRIMARY KEY (number, key)
);

CREATE TABLE postings (
    number varchar, key varchar, kind varchar NOT NULL, posted_at timestamptz NOT NULL, month varchar NOT NULL,
    review varchar, clause varchar, reverses varchar, PRIMARY KEY (number, key)
);
CREATE INDEX ix_postings_month ON postings (month, posted_at);

CREATE TABLE ledger_entries (
    id varchar PRIMARY KEY, number varchar NOT NULL, key varchar NOT NULL, account varchar NOT NULL,
    amount bigint NOT NULL, FOREIGN KEY (number, key) REFERENCES postings (number, key)
);
CREATE INDEX ix_ledger_entries_account ON ledger_entries (account);
CREATE INDEX ix_ledger_entries_posting ON ledger_entries (number, key);

CREATE TABLE texts (
    id varchar PRIMARY KEY, number varchar NOT NULL, update_id varchar, body varchar NOT NULL,
    kept_at timestamptz NOT NULL, referred boolean NOT NULL DEFAULT false
);
CREATE INDEX ix_texts_number ON texts (number);
CREATE INDEX ix_texts_unreferred ON texts (kept_at) WHERE NOT referred;

CREATE TABLE payees (
    id varchar PRIMARY KEY, number varchar NOT NULL, name varchar NOT NULL, relation varchar NOT NULL,
    channel varchar NOT NULL, account varchar NOT NULL, kept_at timestamptz NOT NULL
);
CREATE INDEX ix_payees_number ON payees (number);

CREATE TABLE evidence (
    id varchar PRIMARY KEY, number varchar NOT NULL REFERENCES complaints (number), name varchar NOT NULL,
    media_type varchar NOT NULL, size bigint NOT NULL, sha256 varchar NOT NULL, brought_by varchar NOT NULL,
    brought_at timestamptz NOT NULL
);
CREATE INDEX ix_evidence_number ON evidence (number);

CREATE TABLE notices (
    number varchar, key varchar, seq integer NOT NULL, template varchar NOT NULL, "to" varchar NOT NULL,
    language varchar NOT NULL, params jsonb NOT NULL, noted_at timestamptz NOT NULL,
    state varchar NOT NULL DEFAULT 'waiting', attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz DEFAULT now(), lease_until timestamptz, sent_at timestamptz, last_error varchar,
    message_id varchar, PRIMARY KEY (number, key)
);
CREATE INDEX ix_notices_waiting ON notices (next_try_at) WHERE state = 'waiting';

CREATE TABLE rulebook_versions (
    version varchar PRIMARY KEY, hash varchar NOT NULL, effective date NOT NULL, note varchar NOT NULL,
    document jsonb NOT NULL, published_at timestamptz NOT NULL, published_by varchar NOT NULL
);
CREATE INDEX ix_rulebook_versions_effective ON rulebook_versions (effective);

CREATE TABLE histories (
    number varchar, run_id varchar, position integer NOT NULL, archived_at timestamptz NOT NULL, history jsonb NOT NULL,
    PRIMARY KEY (number, run_id)
);

-- What happened is only ever added to: neither the program nor a person at a prompt changes it.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON timeline FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON postings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE timeline ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE postings ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger_entries ENABLE ALWAYS TRIGGER append_only;

-- Every posting sums to zero when its transaction ends.
CREATE FUNCTION posting_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total bigint;
BEGIN
    SELECT sum(amount) INTO total FROM ledger_entries WHERE number = NEW.number AND key = NEW.key;
    IF total IS DISTINCT FROM 0 THEN
        RAISE EXCEPTION 'posting % of % sums to %, not zero', NEW.key, NEW.number, total USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER sums_to_zero AFTER INSERT ON postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION posting_sums_to_zero();
CREATE CONSTRAINT TRIGGER sums_to_zero AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION posting_sums_to_zero();
