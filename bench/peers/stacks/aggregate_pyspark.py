#!/usr/bin/env python3
"""The two aggregations with PySpark on local threads; Spark's own way to materialise without writing (format "noop")."""

import columns
import phases

DIALECT = {
    "days_between": lambda begin, end: f"CAST(datediff({end}, {begin}) AS DOUBLE)",
    "first_net": "min_by(CASE WHEN n > returned THEN net END, CASE WHEN n > returned THEN day END)",
}
ROWS_PER_PARTITION = 1_250_000  # of a shuffle: larger ones spill, smaller ones cost more in tasks


def days_sql(until):
    return columns.DAYS_SQL.format(count_if="count_if(amount < 0)", to_day="to_date(time)", rows="transactions",
                                   where=f"time < date_add(DATE '{until}', 1)")


def cutoff_sql(options):
    after = f"time >= date_add(DATE '{options.cutoff}', 1) AND time < date_add(DATE '{options.as_of}', 1) AND amount >= 0"
    table = columns.customers_sql(DIALECT, days_sql(options.cutoff), options.cutoff)
    return (f"SELECT c.*, later.customer_id IS NULL AS churned FROM ({table}) AS c "
            f"LEFT JOIN (SELECT DISTINCT customer_id FROM transactions WHERE {after}) AS later "
            f"ON later.customer_id = c.customer_id")


def start(options):
    from pyspark.sql import SparkSession
    partitions = max(2 * options.threads, round(options.rows / ROWS_PER_PARTITION))
    session = (SparkSession.builder.master(f"local[{options.threads}]").appName("aggregate")
               .config("spark.driver.memory", options.memory).config("spark.sql.shuffle.partitions", str(partitions))
               .config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
               .config("spark.local.dir", f"{options.work}/spark").config("spark.driver.bindAddress", "127.0.0.1")
               .config("spark.driver.host", "127.0.0.1").getOrCreate())
    session.sparkContext.setLogLevel("ERROR")
    session.read.parquet(options.transactions).createOrReplaceTempView("transactions")
    return session


def add_flags(parser):
    parser.add_argument("--rows", type=int, required=True, help="rows of the base, for the number of partitions")
    parser.add_argument("--memory", default="8g", help="heap of the JVM")


def main():
    options = phases.arguments(__doc__, add_flags)
    timed = phases.Phases()
    with timed.phase("start"):
        session = start(options)
    tables = {"as_of": columns.customers_sql(DIALECT, days_sql(options.as_of), options.as_of),
              "cutoff": cutoff_sql(options)}
    for name, sql in tables.items():
        with timed.phase(name):
            session.sql(sql).write.format("noop").mode("overwrite").save()
    timed.report(["as_of", "cutoff"])
    if options.answers:
        for name, sql in tables.items():
            session.sql(sql).write.mode("overwrite").parquet(f"{options.work}/{name}.parquet")
    session.stop()


if __name__ == "__main__":
    main()
