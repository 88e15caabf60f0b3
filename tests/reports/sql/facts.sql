-- What is known of each customer, from the rows that count as of the date. Tables and columns that a job lacks are there
-- without rows or values.

-- The quotient, half to even; b > 0.
CREATE MACRO even_quotient(a, b) AS
  sign(a) * (abs(a)::HUGEINT // b
             + CASE WHEN 2 * (abs(a)::HUGEINT % b) > b OR (2 * (abs(a)::HUGEINT % b) = b AND (abs(a)::HUGEINT // b) % 2 = 1)
                    THEN 1 ELSE 0 END);

-- A purchase is a day of a customer with a row that is not a return.
CREATE TABLE days AS
SELECT customer_id, day, sum(net)::BIGINT AS net, bool_or(NOT is_return) AS is_purchase, count(*) AS rows_of_day
FROM transactions GROUP BY customer_id, day;

CREATE TABLE purchases AS
SELECT customer_id, day, day - lag(day) OVER of_customer AS gap, lead(day) OVER of_customer - day AS next_gap
FROM days WHERE is_purchase
WINDOW of_customer AS (PARTITION BY customer_id ORDER BY day);

-- The base: everybody with a row, and whom the customers table knows by then.
CREATE TABLE base AS
SELECT DISTINCT customer_id FROM transactions
UNION SELECT customer_id FROM customers WHERE coalesce(registered_at <= as_of(), true);

CREATE TABLE facts AS
SELECT base.customer_id,
       count(*) FILTER (is_purchase)                    AS purchase_days,
       min(day) FILTER (is_purchase)                    AS first_day,
       max(day) FILTER (is_purchase)                    AS last_day,
       max(day)                                         AS last_row_day,
       coalesce(sum(net), 0)::BIGINT                    AS net,
       count(DISTINCT (as_of() - day) // 91) FILTER (is_purchase AND as_of() - day < 4 * 91) AS active_quarters
FROM base LEFT JOIN days USING (customer_id) GROUP BY base.customer_id;

CREATE TABLE rhythm AS
SELECT customer_id, sum(gap * gap)::HUGEINT AS squared_gaps, max_by(gap, day) FILTER (gap IS NOT NULL) AS last_gap
FROM purchases GROUP BY customer_id;

-- Rows with what the product was on that day.
CREATE TABLE product_days AS
SELECT product_id, coalesce(day, DATE '0001-01-01') AS day, category, unit_cost
FROM products_read WHERE fate = 'accepted';

CREATE TABLE lines AS
SELECT t.*, coalesce(t.category, p.category) AS sold_category,
       coalesce(t.cost, even_quotient(t.quantity::HUGEINT * p.unit_cost, 1000000)) AS goods
FROM transactions t ASOF LEFT JOIN product_days p ON t.product_id = p.product_id AND t.day >= p.day;

CREATE TABLE line_sums AS
SELECT customer_id, coalesce(sum(net) FILTER (NOT is_return), 0)::BIGINT AS gross,
       coalesce(-sum(net) FILTER (is_return), 0)::BIGINT AS returns,
       count(DISTINCT order_id) FILTER (NOT is_return)
         + count(DISTINCT day) FILTER (NOT is_return AND order_id IS NULL) AS orders,
       sum(discount)::BIGINT AS discount,
       sum(CASE WHEN is_return AND goods > 0 THEN -goods ELSE goods END)::BIGINT AS goods
FROM lines GROUP BY customer_id;

CREATE TABLE cost_sums AS
SELECT customer_id,
       sum(amount) FILTER (type = 'goods')     AS goods_costs,
       sum(amount) FILTER (type = 'service')   AS service,
       sum(amount) FILTER (type = 'contact')   AS contact,
       sum(amount) FILTER (type = 'retention') AS retention,
       sum(amount) FILTER (type = 'discount')  AS discounted,
       sum(amount) FILTER (type <> 'goods')    AS other
FROM costs WHERE customer_id IS NOT NULL GROUP BY customer_id;

CREATE TABLE by_category AS
SELECT customer_id, sold_category AS category, sum(net) AS gross, sum(net) FILTER (quantity IS NOT NULL) AS counted,
       sum(quantity) AS quantity
FROM lines WHERE NOT is_return AND sold_category IS NOT NULL GROUP BY ALL;

CREATE TABLE main_categories AS
SELECT customer_id, category AS main_category,
       CASE WHEN quantity > 0 THEN even_quotient(counted::HUGEINT * 1000000, quantity::HUGEINT) END AS unit_price
FROM by_category QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY gross DESC, category) = 1;

CREATE TABLE main_regions AS
SELECT customer_id, region FROM lines WHERE region IS NOT NULL GROUP BY customer_id, region
QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY count(*) DESC, region) = 1;

CREATE TABLE profile AS
SELECT f.*, l.gross, l.returns, l.discount, c.service, c.contact, c.retention, c.discounted, m.main_category, m.unit_price,
       r.squared_gaps, r.last_gap, f.last_day - f.first_day AS span,
       coalesce(l.goods + coalesce(c.goods_costs, 0), c.goods_costs)::BIGINT AS goods_cost,
       CASE WHEN l.customer_id IS NOT NULL OR c.customer_id IS NOT NULL
            THEN (coalesce(l.gross, 0) - coalesce(l.returns, 0)
                  - coalesce(coalesce(l.goods, 0) + coalesce(c.goods_costs, 0), 0) - coalesce(c.other, 0))::BIGINT END AS margin,
       CASE WHEN l.orders > 0 THEN even_quotient(l.gross, l.orders)::BIGINT END AS average_order,
       coalesce(cu.region, mr.region) AS main_region,
       CASE WHEN f.first_day IS NULL THEN NULL WHEN as_of() - f.first_day <= 90 THEN '0-90'
            WHEN as_of() - f.first_day <= 365 THEN '91-365' WHEN as_of() - f.first_day <= 1095 THEN '366-1095'
            ELSE '1096+' END AS tenure
FROM facts f LEFT JOIN line_sums l USING (customer_id) LEFT JOIN cost_sums c USING (customer_id)
     LEFT JOIN main_categories m USING (customer_id) LEFT JOIN main_regions mr USING (customer_id)
     LEFT JOIN rhythm r USING (customer_id) LEFT JOIN customers cu USING (customer_id);
