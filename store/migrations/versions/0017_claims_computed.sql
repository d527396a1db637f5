-- What a payment was computed under goes with it: a computation nobody was paid under lifts nobody's ceiling.
ALTER TABLE claim_parts ADD COLUMN computed bigint;
UPDATE claim_parts SET computed = (SELECT ceiling FROM claims WHERE claims.waybill = claim_parts.waybill);
ALTER TABLE claim_parts ALTER COLUMN computed SET NOT NULL;
ALTER TABLE claims DROP COLUMN ceiling;
