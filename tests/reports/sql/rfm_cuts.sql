WITH edges AS (
  SELECT axis, i AS level, coalesce(lag(cut) OVER (PARTITION BY axis ORDER BY i) + 1, NULL) AS low, cut AS high FROM rfm_cuts_found
  UNION ALL SELECT axis, 5, max(cut) + 1, NULL FROM rfm_cuts_found GROUP BY axis
), scored AS (
  SELECT axis, unnest(CASE axis WHEN 'recency' THEN list(6 - recency) WHEN 'frequency' THEN list(frequency) ELSE list(monetary) END) AS level
  FROM classes, (SELECT unnest(['recency', 'frequency', 'monetary']) AS axis) WHERE classes.recency IS NOT NULL GROUP BY axis
)
SELECT axis, NULL::VARCHAR AS "group", CASE WHEN axis = 'recency' THEN 6 - level ELSE level END AS score,
       CASE WHEN axis <> 'monetary' THEN low END AS "from", CASE WHEN axis <> 'monetary' THEN high END AS "to",
       CASE WHEN axis = 'monetary' THEN low END AS from_amount, CASE WHEN axis = 'monetary' THEN high END AS to_amount,
       (SELECT count(*) FROM scored WHERE scored.axis = edges.axis AND scored.level = edges.level) AS customers,
       as_of() AS fitted_as_of, 'quantile, ties by value' AS rule
FROM edges
