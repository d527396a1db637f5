-- What the lateness of an obligation counts by, so that it is said while it is open.
ALTER TABLE obligations ADD COLUMN late_clock jsonb;
