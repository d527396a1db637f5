-- Penalties of which less is left because the parcel was found in time.
ALTER TABLE penalty_lines ADD COLUMN found boolean NOT NULL DEFAULT false;
