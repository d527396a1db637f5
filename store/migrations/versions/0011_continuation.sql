-- A complaint that continues a closed one, and the mark on the closed one that it was reopened.
ALTER TABLE complaints ADD COLUMN continues varchar;
ALTER TABLE complaints ADD COLUMN continues_why varchar;
ALTER TABLE complaints ADD COLUMN continued_by varchar;
ALTER TABLE complaints ADD COLUMN reopened_at timestamp with time zone;
ALTER TABLE complaints ADD CONSTRAINT complaints_continues_key UNIQUE (continues);
