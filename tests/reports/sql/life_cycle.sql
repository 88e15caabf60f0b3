SELECT names.class AS "class",
       CASE names.class WHEN 'at_risk' THEN days[1] + 1 WHEN 'dormant' THEN days[2] + 1 WHEN 'lost' THEN days[3] + 1 END AS from_days,
       count(c.customer_id) AS customers, count(c.customer_id) / (SELECT count(*) FROM base)::DOUBLE AS share,
       coalesce(sum(net), 0) AS sum_net, as_of() AS fitted_as_of, any_value(rule) AS rule
FROM (SELECT unnest(['potential', 'new', 'active', 'returning', 'at_risk', 'dormant', 'lost']) AS class) AS names
     LEFT JOIN classes c ON c.life_cycle = names.class, life_cycle_cuts
GROUP BY names.class, days
