-- One event is penalised once per unit and clause, in all complaints about a parcel: a key that every penalty line takes.
ALTER TABLE penalty_lines ADD COLUMN arithmetic_zh varchar;

CREATE TABLE penalty_events (
    waybill varchar, unit varchar, clause varchar, happened_on date, number varchar NOT NULL, review varchar NOT NULL,
    taken_at timestamptz NOT NULL, PRIMARY KEY (waybill, unit, clause, happened_on)
);
CREATE INDEX ix_penalty_events_review ON penalty_events (number, review);

-- Whose it is keeps it while a line of theirs stands, and for the minutes that a ruling is on its way to the register.
CREATE FUNCTION event_stands(e penalty_events) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT e.taken_at > clock_timestamp() - interval '10 minutes' OR EXISTS (
        SELECT FROM penalty_lines l WHERE l.number = e.number AND l.review = e.review AND l.unit = e.unit AND l.clause = e.clause
        AND coalesce(l.happened_on, e.happened_on) = e.happened_on AND l.remaining > 0
    )
$$;

CREATE FUNCTION take_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO penalty_events AS e (waybill, unit, clause, happened_on, number, review, taken_at)
    SELECT c.waybill, NEW.unit, NEW.clause, coalesce(NEW.happened_on, (c.received_at AT TIME ZONE 'Asia/Shanghai')::date),
           NEW.number, NEW.review, clock_timestamp()
    FROM complaints c WHERE c.number = NEW.number AND c.waybill IS NOT NULL
    ON CONFLICT (waybill, unit, clause, happened_on) DO UPDATE
    SET number = excluded.number, review = excluded.review, taken_at = excluded.taken_at
    WHERE (e.number, e.review) <> (excluded.number, excluded.review) AND (e.number = excluded.number OR NOT event_stands(e));
    RETURN NULL;
END $$;
CREATE TRIGGER take_event AFTER INSERT OR UPDATE ON penalty_lines FOR EACH ROW WHEN (NEW.remaining > 0) EXECUTE FUNCTION take_event();

INSERT INTO penalty_events (waybill, unit, clause, happened_on, number, review, taken_at)
SELECT c.waybill, l.unit, l.clause, coalesce(l.happened_on, (c.received_at AT TIME ZONE 'Asia/Shanghai')::date), l.number, l.review, now()
FROM penalty_lines l JOIN complaints c ON c.number = l.number
WHERE c.waybill IS NOT NULL AND l.remaining > 0 ORDER BY l.number, l.key ON CONFLICT DO NOTHING;
