-- What cost its author nothing is drawn for a second look. What was closed long ago is not drawn from any more.
ALTER TABLE complaints ADD COLUMN weighed_at timestamptz;
UPDATE complaints SET weighed_at = closed_at WHERE closed_at < now() - interval '30 days';
CREATE INDEX ix_complaints_unweighed ON complaints (closed_at)
    WHERE closed_at IS NOT NULL AND (weighed_at IS NULL OR reopened_at > weighed_at);

CREATE TABLE second_looks (
    number varchar PRIMARY KEY REFERENCES complaints (number),
    closed_at timestamptz NOT NULL,
    drawn_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    why text[] NOT NULL,
    differs text[] NOT NULL,
    looked_at timestamptz,
    looked_by varchar,
    result varchar,
    words_ref varchar,
    review varchar
);
CREATE INDEX ix_second_looks_open ON second_looks (closed_at, number) WHERE looked_at IS NULL;
