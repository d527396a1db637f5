-- Complaints whose process was lost: somebody looks every minute, and there are hardly ever any.
CREATE INDEX ix_complaints_lost ON complaints (lost_at) WHERE lost_at IS NOT NULL AND closed_at IS NULL;
