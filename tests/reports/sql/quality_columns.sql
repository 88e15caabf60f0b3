-- One SELECT a column; sections by what is asked of its type. Filled in: $table, $column, $type, $scale, $orphans and
-- $rejected, the counts of rejected rows.
SELECT NULL::VARCHAR AS "table", NULL::VARCHAR AS "column", NULL::VARCHAR AS type, NULL::BIGINT AS "rows",
       NULL::BIGINT AS present, NULL::BIGINT AS missing, NULL::DOUBLE AS share_present, NULL::BIGINT AS future,
       NULL::BIGINT AS orphans, NULL::BIGINT AS outliers, NULL::DOUBLE AS low_fence, NULL::DOUBLE AS high_fence,
       NULL::BIGINT AS "distinct", NULL::BIGINT AS rejected_missing, NULL::BIGINT AS rejected_malformed,
       NULL::BIGINT AS rejected_out_of_range
WHERE false
-- section number: $scale
SELECT '$table' AS "table", '$column' AS "column", '$type' AS type, total AS "rows", present, total - present AS missing,
       present / nullif(total, 0)::DOUBLE AS share_present, NULL::BIGINT AS future, NULL::BIGINT AS orphans,
       outliers, low / $scale::DOUBLE AS low_fence, high / $scale::DOUBLE AS high_fence, NULL::BIGINT AS "distinct",
       $rejected
FROM (SELECT count(*) AS total, count($column) AS present FROM $table),
     (WITH bins AS (SELECT bin_of($column) AS bin, count(*) AS n FROM $table
                    WHERE $column IS NOT NULL AND $column <> 0 GROUP BY bin),
           running AS (SELECT bin, n, sum(n) OVER (ORDER BY bin) AS up_to, sum(n) OVER () AS total FROM bins),
           quartiles AS (SELECT min(bin) FILTER (4 * up_to >= total) AS q1, min(bin) FILTER (4 * up_to >= 3 * total) AS q3
                         FROM running),
           fences AS (SELECT q1 - 3 * (q3 - q1) AS low_bin, q3 + 3 * (q3 - q1) AS high_bin FROM quartiles)
      SELECT coalesce(sum(n) FILTER (bin < low_bin OR bin > high_bin), 0)::BIGINT AS outliers,
             -greatest_up_to(-any_value(low_bin)) AS low, greatest_up_to(any_value(high_bin)) AS high
      FROM fences LEFT JOIN bins ON true)
-- section date
SELECT '$table', '$column', '$type', count(*), count($column), count(*) - count($column),
       count($column) / nullif(count(*), 0)::DOUBLE, count(*) FILTER ($column::DATE > as_of()), NULL, NULL, NULL, NULL,
       NULL, $rejected
FROM $table
-- section word
SELECT '$table', '$column', '$type', count(*), count($column), count(*) - count($column),
       count($column) / nullif(count(*), 0)::DOUBLE, NULL, $orphans, NULL, NULL, NULL,
       CASE WHEN count(DISTINCT $column) <= 4096 THEN count(DISTINCT $column) END, $rejected
FROM $table
-- section key
SELECT '$table', '$column', '$type', count(*), count($column), count(*) - count($column),
       count($column) / nullif(count(*), 0)::DOUBLE, NULL, $orphans, NULL, NULL, NULL, NULL, $rejected
FROM $table
-- section placing_day: the rows' own day; what is later is not among the rows
SELECT '$table', '$column', '$type', count(*), count(day), count(*) - count(day),
       count(day) / nullif(count(*), 0)::DOUBLE,
       (SELECT count(*) FROM ${table}_read WHERE fate = 'accepted' AND day > as_of()), NULL, NULL, NULL, NULL, NULL,
       $rejected
FROM $table
-- section unkept
SELECT '$table', '$column', '$type', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, $rejected
