-- What every report's SQL starts from. The input of a job (jobs/<job>/input.sql) has made, for each of its tables,
-- <table>_read: every record of the files, with
--   file   VARCHAR  which file
--   fate   VARCHAR  'accepted', 'duplicate', 'blank', 'skipped', or the reason for which it is rejected
--   day    DATE     of the row's time, or from which it holds; null: always
-- and the mapped columns as the ledger stores them: money and decimals in micros, shares in millionths (BIGINT), days
-- as DATE, times as TIMESTAMP, flags as BOOLEAN, keys and words as VARCHAR; transactions have net and is_return too.
-- The harness has set as_of, and made the tables `tables` (table_name) and `columns` (table_name, column_name, type).

CREATE MACRO as_of() AS getvariable('as_of');

-- Outliers: the bin of a number other than 0, and the numbers at the edges of bins (docs/reports.md, quality_columns).
CREATE MACRO rough_octave(m) AS floor(log2(greatest(m, 1)))::BIGINT;
CREATE MACRO octave(m) AS
  CASE WHEN (1::HUGEINT << rough_octave(m)::INTEGER) > m THEN rough_octave(m) - 1 ELSE rough_octave(m) END;
CREATE MACRO magnitude_bin(m) AS 1 + 16 * octave(m) + ((m::HUGEINT * 16) // (1::HUGEINT << octave(m)::INTEGER)) % 16;
CREATE MACRO bin_of(v) AS
  CASE WHEN v = 0 THEN NULL ELSE sign(v) * magnitude_bin(abs(v)) END;
CREATE MACRO greatest_bin() AS 1008;
CREATE MACRO least_of(b) AS
  ceil((16 + (b - 1) % 16)::DOUBLE * pow(2, (b - 1) // 16) / 16)::HUGEINT;
CREATE MACRO greatest_up_to(b) AS
  CASE WHEN b >= greatest_bin() THEN NULL WHEN b >= 0 THEN least_of(b + 1) - 1 ELSE -least_of(-b) END;

-- The classes of the grid of eleven by the scores of recency and frequency.
CREATE TABLE rfm_grid AS
SELECT recency, frequency, eleven FROM (VALUES
  (5, ['new', 'potential_loyalist', 'potential_loyalist', 'champions', 'champions']),
  (4, ['promising', 'potential_loyalist', 'potential_loyalist', 'loyal', 'loyal']),
  (3, ['about_to_sleep', 'about_to_sleep', 'need_attention', 'loyal', 'loyal']),
  (2, ['hibernating', 'hibernating', 'at_risk', 'at_risk', 'cant_lose']),
  (1, ['lost', 'hibernating', 'at_risk', 'at_risk', 'cant_lose'])
) AS grid(recency, classes), LATERAL (SELECT unnest(range(1, 6)) AS frequency, unnest(classes) AS eleven);
