-- Final responses, found by the letters that they still lack.
CREATE INDEX ix_answers_final ON answers (number, key) WHERE kind = 'final_response';
