"""The aggregations in DuckDB: as of the date, and as of the cutoff with the label."""

import duckdb

import columns

DIALECT = {
    "days_between": lambda begin, end: f"CAST({end} - {begin} AS DOUBLE)",
    "first_net": "arg_min(CASE WHEN n > returned THEN net END, CASE WHEN n > returned THEN day END)",
}


def days_sql(rows, until):
    return columns.DAYS_SQL.format(count_if="count(*) FILTER (amount < 0)", to_day="CAST(time AS DATE)", rows=rows,
                                   where=f"time < DATE '{until}' + 1")


class Aggregation:
    """Both tables; with `share_days`, from one table of days that is made once instead of twice from the files."""

    def __init__(self, options, share_days=False):
        self.options = options
        self.rows = f"read_parquet('{options.transactions}/*.parquet')"
        self.share_days = share_days
        self.connection = duckdb.connect()
        # The order of rows means nothing here, and keeping it costs memory and time.
        self.connection.execute(f"SET threads={options.threads}; SET preserve_insertion_order=false")

    def as_of(self, more_counts=()):
        date = self.options.as_of
        if self.share_days:
            self.connection.execute(f"CREATE TEMP TABLE days AS {days_sql(self.rows, date)}")
        days = "SELECT * FROM days" if self.share_days else days_sql(self.rows, date)
        return self.connection.sql(columns.customers_sql(DIALECT, days, date, more_counts)).to_arrow_table()

    def cutoff(self, more_counts=()):
        date = self.options.cutoff
        after = f"time >= DATE '{date}' + 1 AND time < DATE '{self.options.as_of}' + 1 AND amount >= 0"
        days = days_sql(self.rows, date)
        later = f"SELECT DISTINCT customer_id FROM {self.rows} WHERE {after}"
        if self.share_days:
            days = f"SELECT * FROM days WHERE day <= DATE '{date}'"
            later = f"SELECT DISTINCT customer_id FROM days WHERE day > DATE '{date}' AND n > returned"
        return self.connection.sql(
            f"SELECT c.*, later.customer_id IS NULL AS churned "
            f"FROM ({columns.customers_sql(DIALECT, days, date, more_counts)}) AS c "
            f"LEFT JOIN ({later}) AS later ON later.customer_id = c.customer_id").to_arrow_table()
