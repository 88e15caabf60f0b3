SELECT customer_id, CASE WHEN now_class = 'core' THEN 'entered' ELSE 'left' END AS change, then_class AS "from",
       now_class AS "to", cause, margin
FROM moved_classes WHERE scheme = 'core' AND cause IS NOT NULL
  AND (coalesce(then_class, '') = 'core') <> (coalesce(now_class, '') = 'core')
