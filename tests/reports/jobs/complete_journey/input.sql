-- Households, what they bought, and for which campaigns they were chosen; one amount is a rest of a computation.
CREATE TABLE transactions_read AS
SELECT 'transactions.parquet' AS file,
       CASE WHEN sales_value::DECIMAL(18, 6)::DOUBLE <> sales_value THEN 'AMOUNT_TOO_PRECISE' ELSE 'accepted' END AS fate,
       transaction_timestamp::DATE AS day, household_id AS customer_id,
       (sales_value::DECIMAL(18, 6) * 1000000)::BIGINT AS net, quantity < 0 OR sales_value < 0 AS is_return,
       (quantity::DECIMAL(18, 6) * 1000000)::BIGINT AS quantity, basket_id AS order_id, product_id, store_id AS channel,
       (retail_disc::DECIMAL(18, 6) * 1000000)::BIGINT AS discount
FROM read_parquet('$files/transactions.parquet');

CREATE TABLE customers_read AS
SELECT 'demographics.csv' AS file, 'accepted' AS fate, NULL::DATE AS day, household_id AS customer_id,
       nullif(trim(income), '') AS income_band, nullif(trim(age), '') AS age_band,
       nullif(trim(home_ownership), '') AS home_ownership, nullif(trim(household_size), '') AS household_size,
       nullif(trim(marital_status), '') AS marital_status
FROM read_csv('$files/demographics.csv', all_varchar = true);

CREATE TABLE products_read AS
SELECT 'products.parquet' AS file, 'accepted' AS fate, NULL::DATE AS day, product_id,
       nullif(trim(department), '') AS category, nullif(trim(brand), '') AS brand
FROM read_parquet('$files/products.parquet');

CREATE TABLE campaigns_read AS
SELECT 'campaigns.csv' AS file, 'accepted' AS fate, NULL::DATE AS day, household_id AS customer_id, campaign_id
FROM read_csv('$files/campaigns.csv', all_varchar = true);

CREATE TABLE columns AS
SELECT * FROM (VALUES
  ('transactions', 'customer_id', 'key'), ('transactions', 'time', 'time'), ('transactions', 'amount', 'money'),
  ('transactions', 'quantity', 'decimal'), ('transactions', 'order_id', 'key'),
  ('transactions', 'product_id', 'category'), ('transactions', 'channel', 'category'),
  ('transactions', 'discount', 'money'), ('transactions', 'net', 'money'), ('transactions', 'is_return', 'flag'),
  ('customers', 'customer_id', 'key'), ('customers', 'income_band', 'category'), ('customers', 'age_band', 'category'),
  ('customers', 'home_ownership', 'category'), ('customers', 'household_size', 'category'),
  ('customers', 'marital_status', 'category'),
  ('products', 'product_id', 'category'), ('products', 'category', 'category'), ('products', 'brand', 'category'),
  ('campaigns', 'customer_id', 'key'), ('campaigns', 'campaign_id', 'category')
) AS given(table_name, column_name, type);
