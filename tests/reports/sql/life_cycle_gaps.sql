SELECT 'opened' AS measure, opened AS "count", NULL::BIGINT AS days, NULL::DOUBLE AS ratio FROM life_cycle_cuts
UNION ALL SELECT 'closed', closed, NULL, NULL FROM life_cycle_cuts
UNION ALL SELECT 'never_closed', opened - closed, NULL, (opened - closed) / nullif(opened, 0)::DOUBLE FROM life_cycle_cuts
UNION ALL SELECT 'gap_days', NULL, $gap_days, NULL
UNION ALL SELECT 'cut_' || i, NULL, days[i], NULL FROM life_cycle_cuts, (SELECT unnest([1, 2, 3]) AS i)
