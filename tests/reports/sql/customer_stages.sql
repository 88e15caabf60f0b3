SELECT names.stage, count(customer_id) AS customers, count(customer_id) / (SELECT count(*) FROM base)::DOUBLE AS share,
       coalesce(sum(margin), 0) AS sum_margin
FROM (SELECT unnest(['acquisition', 'nurture', 'retention', 'uplift']) AS stage) AS names LEFT JOIN classes USING (stage)
GROUP BY names.stage
