-- Why words were sent to a customer although the language guard objected to a phrase in them.
ALTER TABLE texts ADD COLUMN despite varchar;
