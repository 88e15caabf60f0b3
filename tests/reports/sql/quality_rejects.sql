-- One SELECT a table; filled in: $table.
SELECT '$table' AS "table", fate AS reason, count(*) AS "rows",
       count(*) / (SELECT count(*) FROM ${table}_read)::DOUBLE AS share
FROM ${table}_read
WHERE fate NOT IN ('accepted', 'duplicate', 'blank', 'skipped')
GROUP BY fate
