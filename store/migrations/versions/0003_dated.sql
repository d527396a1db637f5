-- Dated facts: what is true on a day whatever the rulebook says, and every change of it, counted in the order they were committed.

CREATE TABLE dated_changes (
    version integer PRIMARY KEY, at timestamptz NOT NULL, what varchar NOT NULL, units text[], by varchar NOT NULL
);

CREATE TABLE calendars (
    unit varchar PRIMARY KEY, document jsonb NOT NULL, changed_at timestamptz NOT NULL, changed_by varchar NOT NULL
);

CREATE TABLE emergencies (
    id varchar PRIMARY KEY, region varchar, branches text[] NOT NULL, starts timestamptz NOT NULL, ends timestamptz NOT NULL,
    text_zh varchar NOT NULL, text_en varchar NOT NULL, stretches boolean NOT NULL, holds_visits boolean NOT NULL,
    exempts boolean NOT NULL, declared_at timestamptz NOT NULL, declared_by varchar NOT NULL, lifted_at timestamptz,
    lifted_by varchar, lift_reason varchar, version integer NOT NULL REFERENCES dated_changes (version)
);

CREATE TABLE record_only_periods (
    id varchar PRIMARY KEY, first date NOT NULL, last date NOT NULL, set_at timestamptz NOT NULL, set_by varchar NOT NULL
);

CREATE INDEX ix_complaints_running ON complaints (number) WHERE started_at IS NOT NULL AND closed_at IS NULL;
