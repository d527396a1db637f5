-- The customer's money: one parcel, one claim; and who stands in for a manager.

CREATE TABLE claims (
    waybill varchar NOT NULL, ceiling bigint NOT NULL, opened_at timestamptz NOT NULL, PRIMARY KEY (waybill)
);

CREATE TABLE claim_parts (
    key varchar NOT NULL, waybill varchar NOT NULL REFERENCES claims (waybill), number varchar NOT NULL, amount bigint NOT NULL,
    granted_at timestamptz NOT NULL, PRIMARY KEY (key)
);
CREATE INDEX ix_claim_parts_waybill ON claim_parts (waybill);

CREATE TABLE stand_ins (
    id varchar NOT NULL, unit varchar NOT NULL REFERENCES units (code), sub varchar NOT NULL, first date NOT NULL,
    last date NOT NULL, reason varchar, named_by varchar NOT NULL, named_at timestamptz NOT NULL, ended_by varchar,
    ended_at timestamptz, PRIMARY KEY (id)
);
CREATE INDEX ix_stand_ins_unit ON stand_ins (unit);
CREATE INDEX ix_stand_ins_last ON stand_ins (last) WHERE ended_at IS NULL;
