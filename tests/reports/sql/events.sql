-- Rows of $table that count as of the date; those without a day always do.
CREATE TABLE $table AS
SELECT * FROM ${table}_read WHERE fate = 'accepted' AND coalesce(day <= as_of(), true)
