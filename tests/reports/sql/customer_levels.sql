WITH everybody AS (
  SELECT customer_id, net, unnest(['value_level', 'frequency_level', 'amount_level', 'order_level', 'spending_level']) AS scheme,
         unnest(CASE WHEN purchase_days > 0 THEN [margin, purchase_days, net, average_order, unit_price]
                     ELSE [NULL, NULL, NULL, NULL, NULL]::BIGINT[] END) AS value, main_category
  FROM profile
), cut AS (
  SELECT e.*, own.grp, coalesce(own.low, plain.low) AS low, coalesce(own.high, plain.high) AS high
  FROM everybody e LEFT JOIN level_cuts own ON own.scheme = e.scheme AND own.grp = e.main_category AND own.grp IS NOT NULL
       LEFT JOIN level_cuts plain ON plain.scheme = e.scheme AND plain.grp IS NULL
), classed AS (
  SELECT *, CASE WHEN value IS NULL OR value <= 0 THEN 'zero' WHEN value > high THEN 'high' WHEN value > low THEN 'medium' ELSE 'low' END AS class
  FROM cut
), lined AS (
  SELECT scheme, grp, class, net, CASE class WHEN 'high' THEN high + 1 WHEN 'medium' THEN low + 1 END AS least FROM classed
)
SELECT scheme, grp AS "group", class AS "class", CASE WHEN scheme = 'frequency_level' THEN any_value(least) END AS "from",
       CASE WHEN scheme <> 'frequency_level' THEN any_value(least) END AS from_amount, count(*) AS customers,
       count(*) / (SELECT count(*) FROM base)::DOUBLE AS share, sum(net) AS sum_net
FROM lined GROUP BY scheme, grp, class
