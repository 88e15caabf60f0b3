SELECT earlier.life_cycle AS "from", classes.life_cycle AS "to", count(*) AS customers
FROM classes FULL JOIN earlier.classes AS earlier USING (customer_id) GROUP BY ALL
