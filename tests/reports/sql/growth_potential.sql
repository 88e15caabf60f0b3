SELECT g.main_region AS region, g.tenure, g.main_category AS category, g.customers, g.quantile_margin,
       count(*) FILTER (p.margin < g.quantile_margin) AS customers_below,
       coalesce(sum(g.quantile_margin - p.margin) FILTER (p.margin < g.quantile_margin), 0) AS sum_potential
FROM peers g JOIN profile p ON p.main_region IS NOT DISTINCT FROM g.main_region AND p.tenure IS NOT DISTINCT FROM g.tenure
  AND p.main_category IS NOT DISTINCT FROM g.main_category
WHERE p.margin IS NOT NULL
GROUP BY ALL
