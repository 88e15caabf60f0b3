WITH moves AS (SELECT * FROM moved_classes WHERE cause IS NOT NULL)
SELECT scheme, then_class AS "from", now_class AS "to", cause, count(*) AS customers FROM moves GROUP BY ALL
