-- Every line of every invoice; a quarter of them are of nobody in particular, and there is no amount.
CREATE TABLE transactions_read AS
SELECT 'online_retail.parquet' AS file,
       CASE WHEN CustomerID IS NULL OR trim(CustomerID) = '' THEN 'skipped' ELSE 'accepted' END AS fate,
       InvoiceDate::DATE AS day, CustomerID AS customer_id,
       CASE WHEN Quantity < 0 THEN -1 ELSE 1 END
         * abs(Quantity::BIGINT * (UnitPrice::DECIMAL(18, 6) * 1000000)::BIGINT) AS net,
       Quantity < 0 OR UnitPrice < 0 AS is_return, Quantity::BIGINT * 1000000 AS quantity, InvoiceNo AS order_id,
       StockCode AS product_id, Country AS region
FROM read_parquet('$files/online_retail.parquet');

CREATE TABLE columns AS
SELECT * FROM (VALUES
  ('transactions', 'customer_id', 'key'), ('transactions', 'time', 'time'), ('transactions', 'quantity', 'decimal'),
  ('transactions', 'unit_price', 'money'), ('transactions', 'order_id', 'key'), ('transactions', 'product_id', 'category'),
  ('transactions', 'region', 'category'), ('transactions', 'net', 'money'), ('transactions', 'is_return', 'flag')
) AS given(table_name, column_name, type);
