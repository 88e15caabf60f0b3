WITH tiers AS (SELECT chr(unnest(range(65, 69))::INTEGER) AS class),
totals AS (SELECT count(*) AS customers, sum(greatest(margin, 0)) AS positive FROM classes WHERE margin IS NOT NULL)
SELECT tiers.class AS "class", count(c.customer_id) AS customers, count(c.customer_id) / any_value(t.customers)::DOUBLE AS share,
       coalesce(sum(c.margin), 0) AS sum_margin,
       coalesce(sum(c.margin), 0) / nullif(any_value(t.positive), 0)::DOUBLE AS share_margin,
       CASE tiers.class WHEN 'A' THEN any_value(a_from) WHEN 'B' THEN any_value(b_from) WHEN 'C' THEN any_value(c_from) END AS from_margin,
       (SELECT count(*) FROM classes g WHERE g.grade = tiers.class) AS graded_customers,
       count(*) FILTER (c.grade < c.value_class) AS moved_up, count(*) FILTER (c.grade > c.value_class) AS moved_down,
       $treatment AS treatment
FROM tiers LEFT JOIN classes c ON c.value_class = tiers.class, totals t, value_cuts
GROUP BY tiers.class
