WITH names(scheme, class) AS (
  SELECT 'core', unnest(['core', 'potential', 'general']) UNION ALL
  SELECT 'customer_kind', unnest(['quality', 'potential', 'ordinary']) UNION ALL
  SELECT 'need_class', unnest(['potential', 'ordinary', 'important'])
), members AS (
  SELECT customer_id, margin, unnest(['core', 'customer_kind', 'need_class']) AS scheme,
         unnest([core, customer_kind, need_class]) AS class
  FROM classes
)
SELECT scheme, class AS "class", count(customer_id) AS customers, count(customer_id) / (SELECT count(*) FROM base)::DOUBLE AS share,
       coalesce(sum(margin), 0) AS sum_margin
FROM names LEFT JOIN members USING (scheme, class) GROUP BY scheme, class
