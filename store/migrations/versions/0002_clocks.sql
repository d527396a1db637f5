-- What moves clocks: pauses, delays, promises and lateness lines; how late an obligation is, and the dated facts a complaint knows.

ALTER TABLE complaints ADD COLUMN dated_version integer NOT NULL DEFAULT 0;
ALTER TABLE obligations ADD COLUMN paused_until timestamptz, ADD COLUMN late_since timestamptz, ADD COLUMN late_unit varchar,
    ADD COLUMN late_by integer;
ALTER TABLE notices ADD COLUMN digest boolean NOT NULL DEFAULT false;

CREATE TABLE pauses (
    number varchar NOT NULL, key varchar NOT NULL, reason_code varchar, reason_ref varchar NOT NULL,
    starts timestamptz NOT NULL, ends timestamptz NOT NULL, set_by varchar NOT NULL, ended_by varchar,
    ended boolean NOT NULL, PRIMARY KEY (number, key)
);

CREATE TABLE delays (
    number varchar NOT NULL, key varchar NOT NULL, obligation varchar NOT NULL, owed varchar NOT NULL,
    until timestamptz NOT NULL, reason_ref varchar NOT NULL, asked_at timestamptz NOT NULL, asked_by varchar NOT NULL,
    granted boolean, decision_ref varchar, decided_at timestamptz, decided_by varchar, PRIMARY KEY (number, key)
);

CREATE TABLE promises (
    number varchar NOT NULL, key varchar NOT NULL, what_ref varchar NOT NULL, unit varchar NOT NULL,
    promised_at timestamptz NOT NULL, promised_by varchar NOT NULL, due timestamptz NOT NULL, kept_at timestamptz,
    words_ref varchar, PRIMARY KEY (number, key)
);

CREATE TABLE lateness_lines (
    number varchar NOT NULL, key varchar NOT NULL, obligation varchar NOT NULL, owed varchar NOT NULL, unit varchar NOT NULL,
    clause varchar NOT NULL, amount bigint NOT NULL, late_since timestamptz NOT NULL, opened_at timestamptz NOT NULL,
    objection_until timestamptz NOT NULL, charged boolean NOT NULL, PRIMARY KEY (number, key)
);
CREATE INDEX ix_lateness_lines_unit ON lateness_lines (unit);
