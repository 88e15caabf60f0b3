WITH ordered AS (
  SELECT sum(margin::HUGEINT) OVER (ORDER BY margin DESC, customer_id ROWS UNBOUNDED PRECEDING) AS running,
         row_number() OVER (ORDER BY margin DESC, customer_id) AS place
  FROM classes WHERE margin IS NOT NULL
), totals AS (
  SELECT count(*) AS n, sum(margin) AS total, sum(greatest(margin, 0)) AS positive FROM classes WHERE margin IS NOT NULL
)
SELECT percent, (n * percent + 99) // 100 AS customers, running AS cum_margin,
       running / nullif(total, 0)::DOUBLE AS share_of_total, running / nullif(positive, 0)::DOUBLE AS share_of_positive
FROM (SELECT unnest(range(1, 101)) AS percent), totals JOIN ordered ON place = (n * percent + 99) // 100
