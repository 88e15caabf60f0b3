-- Filled in: $attributes, flags that say which attributes a customer has, and the $joins that bring them.
WITH shares AS (
  SELECT 1000000 * list_sum([CASE WHEN known THEN 1 ELSE 0 END FOR known IN flags]) // len(flags) AS share
  FROM (SELECT [$attributes] AS flags FROM base $joins)
), bins AS (SELECT unnest(range(11)) AS bin)
SELECT 10 * bin AS "from", CASE WHEN bin = 10 THEN 100 ELSE 10 * bin + 10 END AS "to",
       count(share) AS customers, count(share) / (SELECT count(*) FROM base)::DOUBLE AS share
FROM bins LEFT JOIN shares ON share * 10 // 1000000 = bin
GROUP BY bin
