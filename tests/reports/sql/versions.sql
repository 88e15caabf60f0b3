-- Of the versions of $table that of each $entity that applies: the latest not after the date. No two are of one day.
CREATE TABLE $table AS
SELECT * FROM ${table}_read WHERE fate = 'accepted' AND coalesce(day <= as_of(), true)
QUALIFY row_number() OVER (PARTITION BY $entity ORDER BY day DESC NULLS LAST) = 1
