-- Penalty reviews in full: what sides agreed, summary rulings contested, lines judged by their day, objections, corrections.

ALTER TABLE penalty_reviews ADD COLUMN agreements jsonb NOT NULL DEFAULT '[]'::jsonb,
    ADD COLUMN contested jsonb NOT NULL DEFAULT '[]'::jsonb, ADD COLUMN lapsed boolean NOT NULL DEFAULT false;
ALTER TABLE penalty_lines ADD COLUMN happened_on date, ADD COLUMN charged boolean NOT NULL DEFAULT true, ADD COLUMN arithmetic varchar;
ALTER TABLE lateness_lines ADD COLUMN state varchar NOT NULL DEFAULT 'open', ADD COLUMN objection jsonb,
    ADD COLUMN decided_at timestamptz, ADD COLUMN decided_by varchar, ADD COLUMN decision_ref varchar;

CREATE TABLE corrections (
    number varchar NOT NULL, key varchar NOT NULL, review varchar NOT NULL, status varchar NOT NULL,
    opened_at timestamptz NOT NULL, opened_by varchar NOT NULL, reasons_ref varchar NOT NULL, evidence jsonb NOT NULL,
    due timestamptz NOT NULL, decided_at timestamptz, decided_by varchar, decision_ref varchar,
    lines jsonb NOT NULL, shares jsonb NOT NULL, PRIMARY KEY (number, key)
);
