WITH m AS (SELECT margin, customer_id FROM classes WHERE margin IS NOT NULL),
ordered AS (
  SELECT greatest(margin, 0)::HUGEINT AS x, row_number() OVER (ORDER BY margin, customer_id) AS i,
         row_number() OVER (ORDER BY margin DESC, customer_id) AS place, margin, count(*) OVER () AS n
  FROM m
), totals AS (
  SELECT count(*) AS n, sum(x) AS positive, sum(i * x) AS weighted FROM ordered
)
SELECT 'customers' AS measure, NULL::HUGEINT AS amount, count(*) AS "count", NULL::DOUBLE AS ratio, NULL::VARCHAR AS words FROM m
UNION ALL SELECT 'positive', NULL, count(*), NULL, NULL FROM m WHERE margin > 0
UNION ALL SELECT 'zero', NULL, count(*), NULL, NULL FROM m WHERE margin = 0
UNION ALL SELECT 'losing', NULL, count(*), NULL, NULL FROM m WHERE margin < 0
UNION ALL SELECT 'sum_positive', coalesce(sum(margin), 0), NULL, NULL, NULL FROM m WHERE margin > 0
UNION ALL SELECT 'sum_losses', coalesce(sum(margin), 0), NULL, NULL, NULL FROM m WHERE margin < 0
UNION ALL SELECT 'unallocated_cost', coalesce(sum(amount), 0), NULL, NULL, NULL FROM costs WHERE customer_id IS NULL
UNION ALL SELECT 'gini', NULL, NULL,
  CASE WHEN positive > 0 THEN (2 * weighted - (n + 1) * positive)::DOUBLE / (n * positive)::DOUBLE ELSE 0 END, NULL FROM totals
UNION ALL SELECT 'top_' || top || '_share', NULL, NULL,
  sum(margin) FILTER (place <= (ordered.n * top + 99) // 100) / nullif(any_value(positive), 0)::DOUBLE, NULL
  FROM ordered, totals, (SELECT unnest([1, 5, 10, 20]) AS top) GROUP BY top
UNION ALL SELECT 'margin_basis', NULL, NULL, NULL, $margin_basis
