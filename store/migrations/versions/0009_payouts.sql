-- What payout providers' webhooks said, each event once.
CREATE TABLE payout_events (
    provider varchar, event varchar, payment varchar NOT NULL, state varchar NOT NULL, received_at timestamptz NOT NULL,
    heard_at timestamptz, PRIMARY KEY (provider, event)
);
CREATE INDEX ix_payout_events_payment ON payout_events (payment);
