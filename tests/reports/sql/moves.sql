-- Why classes changed since the earlier date: a then, b today's values by the cuts of then, c today.
CREATE TABLE moved_classes AS
WITH a AS (SELECT customer_id, unnest(['rfm', 'value_class', 'grade', 'life_cycle', 'core']) AS scheme,
                  unnest([eleven, value_class, grade, life_cycle, core]) AS class FROM earlier.classes),
b AS (SELECT customer_id, unnest(['rfm', 'value_class', 'grade', 'life_cycle', 'core']) AS scheme,
             unnest([eleven, value_class, grade, life_cycle, core]) AS class FROM classes_by_old_cuts),
c AS (SELECT customer_id, unnest(['rfm', 'value_class', 'grade', 'life_cycle', 'core']) AS scheme,
             unnest([eleven, value_class, grade, life_cycle, core]) AS class, margin, last_row_day FROM classes)
SELECT scheme, customer_id, a.class AS then_class, c.class AS now_class, margin,
       CASE WHEN a.customer_id IS NULL THEN 'entered' WHEN c.customer_id IS NULL THEN 'left'
            WHEN a.class IS NOT DISTINCT FROM c.class THEN NULL
            WHEN b.class IS NOT DISTINCT FROM a.class THEN 'cuts'
            ELSE CASE WHEN b.class IS NOT DISTINCT FROM c.class THEN '' ELSE 'both_' END
                 || CASE WHEN last_row_day > getvariable('earlier_as_of') THEN 'bought' ELSE 'aged' END END AS cause
FROM a FULL JOIN c USING (scheme, customer_id) LEFT JOIN b USING (scheme, customer_id);
