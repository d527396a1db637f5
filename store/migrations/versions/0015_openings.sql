-- Reviews that HQ quality opened itself: who did, why, about what.
ALTER TABLE penalty_reviews
    ADD COLUMN opened_by varchar,
    ADD COLUMN opening_ref varchar,
    ADD COLUMN about text[] NOT NULL DEFAULT '{}',
    ADD COLUMN evidence text[] NOT NULL DEFAULT '{}';

-- Closed complaints of which a review still goes on are told of dated facts; they are few among many.
CREATE INDEX ix_penalty_reviews_going ON penalty_reviews (number) WHERE final_at IS NULL;
