WITH losing AS (
  SELECT margin,
         [greatest(0, coalesce(goods_cost, 0) - greatest(0, coalesce(gross, 0) - coalesce(returns, 0)))::HUGEINT,
          coalesce(service, 0)::HUGEINT, coalesce(contact, 0)::HUGEINT, coalesce(retention, 0)::HUGEINT,
          (coalesce(discounted, 0) + coalesce(discount, 0))::HUGEINT,
          greatest(0, coalesce(returns, 0) - coalesce(gross, 0))::HUGEINT] AS losses
  FROM profile WHERE margin < 0
), caused AS (SELECT margin, list_position(losses, list_max(losses)) AS place FROM losing),
causes AS (SELECT unnest(['goods', 'service', 'contact', 'retention', 'discount', 'returns']) AS cause, unnest(range(1, 7)) AS place)
SELECT cause, count(margin) AS customers, count(margin) / nullif((SELECT count(*) FROM losing), 0)::DOUBLE AS share,
       coalesce(sum(margin), 0) AS sum_margin
FROM causes LEFT JOIN caused USING (place) GROUP BY cause
