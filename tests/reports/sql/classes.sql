-- Today's customers by the cuts of a schema: main, or that of an earlier date. Filled in: $result, $cuts.
CREATE TABLE $result AS
WITH scores AS (
  SELECT customer_id, recency AS r, frequency AS f, monetary AS m,
         5 - (SELECT count(*) FROM $cuts.rfm_cuts_found WHERE axis = 'recency' AND cut < recency) AS recency,
         1 + (SELECT count(*) FROM $cuts.rfm_cuts_found WHERE axis = 'frequency' AND cut < frequency) AS frequency,
         1 + (SELECT count(*) FROM $cuts.rfm_cuts_found WHERE axis = 'monetary' AND cut < monetary) AS monetary
  FROM rfm_values
), rfm AS (
  SELECT scores.*, cell.eleven, CASE WHEN cell.eleven = 'lost' THEN 'hibernating' ELSE cell.eleven END AS ten,
         CASE WHEN scores.m::HUGEINT * n >= means.monetary THEN
                CASE WHEN r * n <= means.recency THEN CASE WHEN f * n >= means.frequency THEN 'important_value' ELSE 'important_develop' END
                     WHEN f * n >= means.frequency THEN 'important_keep' ELSE 'important_retain' END
              ELSE
                CASE WHEN r * n <= means.recency THEN CASE WHEN f * n >= means.frequency THEN 'general_value' ELSE 'general_develop' END
                     WHEN f * n >= means.frequency THEN 'general_keep' ELSE 'lost' END
         END AS eight
  FROM scores JOIN rfm_grid cell USING (recency, frequency), $cuts.rfm_means means
), values_of AS (
  SELECT p.*, v.*, c.days AS cycle_days, g.quantile_margin - p.margin AS growth_potential,
         CASE WHEN p.margin IS NULL THEN NULL WHEN p.margin <= 0 THEN 4 WHEN p.margin >= a_from THEN 1
              WHEN p.margin >= b_from THEN 2 ELSE 3 END AS tier,
         1000000 * ((p.purchase_days - 1) * coalesce(p.squared_gaps, 0) - p.span::HUGEINT * p.span) AS spread
  FROM profile p LEFT JOIN $cuts.peers g ON p.main_region IS NOT DISTINCT FROM g.main_region
         AND p.tenure IS NOT DISTINCT FROM g.tenure AND p.main_category IS NOT DISTINCT FROM g.main_category,
       $cuts.value_cuts v, $cuts.life_cycle_cuts c
), moved AS (
  SELECT *, CASE WHEN active_quarters >= 4 AND purchase_days >= 4 AND spread <= 250000 * span::HUGEINT * span THEN 1
                 WHEN active_quarters <= 1 THEN -1
                 WHEN purchase_days >= 4 AND spread >= 4000000 * span::HUGEINT * span THEN -1 ELSE 0 END AS move
  FROM values_of
), graded AS (
  SELECT *, CASE WHEN tier IS NULL OR tier = 4 THEN tier ELSE least(3, greatest(1, tier - move)) END AS grade,
         CASE WHEN purchase_days = 0 THEN 'potential'
              WHEN as_of() - last_day > cycle_days[3] THEN 'lost'
              WHEN as_of() - last_day > cycle_days[2] THEN 'dormant'
              WHEN as_of() - last_day > cycle_days[1] THEN 'at_risk'
              WHEN as_of() - first_day <= cycle_days[1] THEN 'new'
              WHEN last_gap > cycle_days[2] THEN 'returning' ELSE 'active' END AS life_cycle
  FROM moved
)
SELECT graded.customer_id, graded.margin, net, purchase_days, last_day, last_row_day, growth_potential,
       rfm.recency, rfm.frequency, rfm.monetary, rfm.eleven, rfm.ten, rfm.eight,
       chr((64 + tier)::INTEGER) AS value_class, chr((64 + graded.grade)::INTEGER) AS grade, life_cycle,
       CASE WHEN graded.grade = 1 THEN 'core' WHEN growth_potential > 0 THEN 'potential' ELSE 'general' END AS core,
       CASE WHEN purchase_days = 0 THEN 'potential' WHEN graded.grade = 1 THEN 'important' ELSE 'ordinary' END AS need_class,
       CASE WHEN graded.grade <= 2 THEN 'quality'
            WHEN life_cycle IN ('new', 'active', 'returning') AND growth_potential > 0 THEN 'potential' ELSE 'ordinary' END AS customer_kind,
       CASE WHEN life_cycle IN ('potential', 'new') THEN 'acquisition'
            WHEN life_cycle IN ('at_risk', 'dormant', 'lost') THEN 'retention'
            WHEN growth_potential > 0 THEN 'uplift' ELSE 'nurture' END AS stage
FROM graded LEFT JOIN rfm USING (customer_id);
