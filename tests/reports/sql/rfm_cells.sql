SELECT recency, frequency, monetary, count(*) AS customers,
       count(*) / (SELECT count(*) FROM classes WHERE recency IS NOT NULL)::DOUBLE AS share,
       sum(net) AS sum_net, any_value(eleven) AS eleven, any_value(ten) AS ten
FROM classes WHERE recency IS NOT NULL GROUP BY recency, frequency, monetary
