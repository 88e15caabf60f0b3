-- One SELECT a table; filled in: $table, and how $conflicts and $orphans are counted.
SELECT '$table' AS "table",
       count(DISTINCT file) AS files,
       count(*) AS read,
       count(*) FILTER (fate = 'accepted' AND coalesce(day <= as_of(), true)) AS accepted,
       count(*) FILTER (fate NOT IN ('accepted', 'duplicate', 'blank', 'skipped')) AS rejected,
       count(*) FILTER (fate = 'duplicate') AS duplicates,
       count(*) FILTER (fate = 'blank') AS blank,
       count(*) FILTER (fate = 'skipped') AS skipped,
       count(*) FILTER (fate = 'accepted' AND day > as_of()) AS after_as_of,
       $conflicts AS conflicts,
       $orphans AS orphan_customers,
       min(day) FILTER (fate = 'accepted' AND day <= as_of()) AS first_day,
       max(day) FILTER (fate = 'accepted' AND day <= as_of()) AS newest_day,
       as_of() - max(day) FILTER (fate = 'accepted' AND day <= as_of()) AS days_behind
FROM ${table}_read
