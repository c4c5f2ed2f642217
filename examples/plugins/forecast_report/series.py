"""Reading the series that is forecast."""


def latest_in(rows, column):
    return [row[column] for row in rows if isinstance(row.get(column), (int, float))]


def last_values(influxdb3_local, table, column, count=500):
    rows = influxdb3_local.query(
        f'SELECT "{column}" FROM "{table}" ORDER BY time DESC LIMIT {int(count)}'
    )
    return latest_in(reversed(rows), column)
