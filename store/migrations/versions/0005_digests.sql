-- One digest a day for what climbs to one person.

CREATE TABLE digests (
    "to" varchar NOT NULL, day date NOT NULL, state varchar NOT NULL DEFAULT 'waiting', attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(), lease_until timestamptz, sent_at timestamptz, last_error varchar,
    message_id varchar, PRIMARY KEY ("to", day)
);
CREATE INDEX ix_digests_waiting ON digests (next_try_at) WHERE state = 'waiting';

-- The postman looks at the first index every second: what waits for tomorrow's digest is not in it.
ALTER TABLE notices ADD COLUMN digest_day date;
DROP INDEX ix_notices_waiting;
CREATE INDEX ix_notices_waiting ON notices (next_try_at) WHERE state = 'waiting' AND NOT digest;
CREATE INDEX ix_notices_digest ON notices (digest_day, "to") WHERE digest;
