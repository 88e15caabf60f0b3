-- The cuts of all schemes, as of the date. Exact quantiles: the least value with at least the share of all not above it.
CREATE MACRO quantile_of(sorted, numerator, denominator) AS
  sorted[greatest(1, (numerator * len(sorted) + denominator - 1) // denominator)];

CREATE TABLE rfm_values AS
SELECT customer_id, as_of() - last_day AS recency, purchase_days AS frequency, net AS monetary
FROM facts WHERE purchase_days > 0;

CREATE TABLE rfm_cuts_found AS
SELECT axis, i, quantile_of(sorted, i, 5) AS cut
FROM (SELECT 'recency' AS axis, list(recency::BIGINT ORDER BY recency) AS sorted FROM rfm_values
      UNION ALL SELECT 'frequency', list(frequency::BIGINT ORDER BY frequency) FROM rfm_values
      UNION ALL SELECT 'monetary', list(monetary::BIGINT ORDER BY monetary) FROM rfm_values),
     (SELECT unnest(range(1, 5)) AS i);

CREATE TABLE rfm_means AS
SELECT count(*) AS n, sum(recency)::HUGEINT AS recency, sum(frequency)::HUGEINT AS frequency,
       sum(monetary)::HUGEINT AS monetary
FROM rfm_values;

-- Margins, best first, and what those with a greater one have together.
CREATE TABLE ranked AS
SELECT margin, count(*) AS n, sum(greatest(margin, 0)::HUGEINT) AS positive FROM profile WHERE margin IS NOT NULL GROUP BY margin;
CREATE TABLE above AS
SELECT margin, n, coalesce(sum(positive) OVER (ORDER BY margin DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS greater,
       (SELECT sum(positive) FROM ranked) AS total
FROM ranked;
CREATE TABLE value_cuts AS
SELECT min(margin) FILTER (margin > 0 AND 1000000 * greater < 800000 * total) AS a_from,
       min(margin) FILTER (margin > 0 AND 1000000 * greater < 950000 * total) AS b_from,
       min(margin) FILTER (margin > 0) AS c_from
FROM above;

CREATE TABLE peers AS
SELECT main_region, tenure, main_category, count(*) AS customers,
       quantile_of(list(margin ORDER BY margin), 800000, 1000000) AS quantile_margin
FROM profile WHERE margin IS NOT NULL GROUP BY ALL HAVING count(*) >= 100;

-- Values of levels are those of customers with a purchase.
CREATE TABLE level_values AS
SELECT customer_id, unnest(['value_level', 'frequency_level', 'amount_level', 'order_level', 'spending_level']) AS scheme,
       unnest([margin, purchase_days, net, average_order, unit_price]) AS value, main_category
FROM profile WHERE purchase_days > 0;

CREATE TABLE level_cuts AS
SELECT scheme, NULL AS grp, quantile_of(list(value ORDER BY value), 1, 2) AS low,
       quantile_of(list(value ORDER BY value), 4, 5) AS high
FROM level_values WHERE value IS NOT NULL GROUP BY scheme
UNION ALL
SELECT scheme, main_category, quantile_of(list(value ORDER BY value), 1, 2), quantile_of(list(value ORDER BY value), 4, 5)
FROM level_values WHERE scheme = 'spending_level' AND value IS NOT NULL AND main_category IS NOT NULL
GROUP BY scheme, main_category HAVING count(*) >= 100;

-- Gaps that opened $gap_days days before the date or earlier, and those of them that closed within as many.
CREATE TABLE gaps AS
SELECT next_gap, coalesce(next_gap <= $gap_days, false) AS is_closed FROM purchases WHERE day <= as_of() - $gap_days;
CREATE TABLE life_cycle_cuts AS
SELECT count(*) AS opened, count(*) FILTER (is_closed) AS closed,
       CASE WHEN count(*) FILTER (is_closed) < 100 THEN [90, 180, 365]
            ELSE [quantile_of(list(next_gap ORDER BY next_gap) FILTER (is_closed), 80, 100),
                  quantile_of(list(next_gap ORDER BY next_gap) FILTER (is_closed), 90, 100),
                  quantile_of(list(next_gap ORDER BY next_gap) FILTER (is_closed), 95, 100)] END AS days,
       CASE WHEN count(*) FILTER (is_closed) < 100
            THEN 'only ' || (count(*) FILTER (is_closed)) || ' gaps between purchases closed within $gap_days days, 100 are needed: '
                 || '90, 180, 365 days'
            ELSE 'quantiles' END AS rule
FROM gaps;
