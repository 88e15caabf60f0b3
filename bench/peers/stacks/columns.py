"""The columns that every peer makes of the rows, and the SQL of those peers that speak it.

A purchase is a distinct day of a customer with a row that is not a return (a negative amount). Per customer:
  x       repeat purchase days                     T       weeks from the first purchase day to the date
  t_x     weeks from the first to the last one     m       mean net of the repeat purchase days, 0 without one
and eight features: recency_days, rows, return_rows, net, mean_gap_days, purchase_days_90, net_90, net_365. The end-to-end
work has three more counts of days, which its churn model takes.
"""

FEATURES = ["recency_days", "rows", "return_rows", "net", "mean_gap_days", "purchase_days_90", "net_90", "net_365"]
MORE_COUNTS = [30, 180, 365]

# Two steps: a row per customer and day, then a row per customer. In doubles: exact for sums of cents up to 2^53, and faster
# than decimals in every engine here.
DAYS_SQL = """SELECT customer_id, day, sum(amount) AS net, count(*) AS n, {count_if} AS returned
  FROM (SELECT customer_id, {to_day} AS day, CAST(amount AS DOUBLE) AS amount FROM {rows} WHERE {where}) AS r
  GROUP BY customer_id, day"""

CUSTOMERS_SQL = """SELECT customer_id, k - 1 AS x, {weeks_last} AS t_x, {weeks_age} AS T,
  CASE WHEN k > 1 THEN (bought - first_net) / (k - 1) ELSE 0 END AS m,
  {recency} AS recency_days, n AS rows, returned AS return_rows, net,
  CASE WHEN k > 1 THEN CAST({span} AS DOUBLE) / (k - 1) ELSE 0 END AS mean_gap_days,
  purchase_days_90, coalesce(net_90, 0) AS net_90, coalesce(net_365, 0) AS net_365{more_names}
FROM (SELECT customer_id, min(CASE WHEN n > returned THEN day END) AS first_day,
        max(CASE WHEN n > returned THEN day END) AS last_day,
        count(CASE WHEN n > returned THEN 1 END) AS k, sum(CASE WHEN n > returned THEN net END) AS bought,
        {first_net} AS first_net, sum(net) AS net, sum(n) AS n, sum(returned) AS returned,
        count(CASE WHEN n > returned AND day > {date} - 90 THEN 1 END) AS purchase_days_90,
        sum(CASE WHEN day > {date} - 90 THEN net END) AS net_90,
        sum(CASE WHEN day > {date} - 365 THEN net END) AS net_365{more_counts}
      FROM ({days}) AS d GROUP BY customer_id) AS g"""


def customers_sql(dialect, days, date, more_counts=()):
    """The row per customer as of `date` (text), from the query or table `days`."""
    quoted = f"DATE '{date}'"
    names = "".join(f", purchase_days_{w}" for w in more_counts)
    counts = "".join(f", count(CASE WHEN n > returned AND day > {quoted} - {w} THEN 1 END) AS purchase_days_{w}"
                     for w in more_counts)
    between = dialect["days_between"]
    return CUSTOMERS_SQL.format(
        weeks_last=between("first_day", "last_day") + " / 7.0", weeks_age=between("first_day", quoted) + " / 7.0",
        recency=between("last_day", quoted), span=between("first_day", "last_day"), first_net=dialect["first_net"],
        date=quoted, days=days, more_names=names, more_counts=counts)
