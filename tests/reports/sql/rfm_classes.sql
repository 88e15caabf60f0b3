WITH names(grid, class) AS (
  SELECT 'eleven', eleven FROM rfm_grid UNION
  SELECT 'ten', eleven FROM rfm_grid WHERE eleven <> 'lost' UNION
  SELECT 'eight', unnest(['important_value', 'important_develop', 'important_keep', 'important_retain', 'general_value',
                          'general_develop', 'general_keep', 'lost'])
), members AS (
  SELECT unnest(['eleven', 'ten', 'eight']) AS grid, unnest([eleven, ten, eight]) AS class, net, purchase_days,
         as_of() - last_day AS recency
  FROM classes WHERE recency IS NOT NULL
)
SELECT grid, class, count(net) AS customers, count(net) / (SELECT count(*) FROM rfm_values)::DOUBLE AS share,
       coalesce(sum(net), 0) AS sum_net, avg(recency) AS mean_recency_days, avg(purchase_days) AS mean_purchase_days
FROM names LEFT JOIN members USING (grid, class) GROUP BY grid, class
