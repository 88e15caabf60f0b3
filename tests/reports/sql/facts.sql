-- A purchase is a day of a customer with a row that is not a return.
CREATE TABLE days AS
SELECT customer_id, day, sum(net)::BIGINT AS net, bool_or(NOT is_return) AS is_purchase, count(*) AS rows_of_day
FROM transactions GROUP BY customer_id, day;

CREATE TABLE facts AS
SELECT customer_id,
       count(*) FILTER (is_purchase)     AS purchase_days,
       min(day) FILTER (is_purchase)     AS first_day,
       max(day) FILTER (is_purchase)     AS last_day,
       max(day)                          AS last_row_day,
       sum(net)::BIGINT                  AS net,
       sum(rows_of_day)::BIGINT          AS rows_of_customer
FROM days GROUP BY customer_id;
