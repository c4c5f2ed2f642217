"""Averages the numeric fields of a table over fixed time windows.

Trigger arguments: source, target (table names), window_minutes (default 10).
"""
from datetime import timedelta


def _window(args):
    minutes = int((args or {}).get("window_minutes", 10))
    if minutes < 1:
        raise ValueError("window_minutes must be at least 1")
    return timedelta(minutes=minutes)


def _averages(rows):
    """Mean of each numeric column; booleans and texts are left out."""
    sums, counts = {}, {}
    for row in rows:
        for column, value in row.items():
            if column == "time" or isinstance(value, bool):
                continue
            if isinstance(value, (int, float)):
                sums[column] = sums.get(column, 0.0) + value
                counts[column] = counts.get(column, 0) + 1
    return {column: total / counts[column] for column, total in sums.items()}


def process_scheduled_call(influxdb3_local, call_time, args=None):
    source, target = (args or {}).get("source"), (args or {}).get("target")
    if not source or not target:
        influxdb3_local.error("downsampler needs the arguments source and target")
        return
    start = call_time - _window(args)
    rows = influxdb3_local.query(
        f'SELECT * FROM "{source}" WHERE time >= $start AND time < $end',
        {"start": start.isoformat() + "Z", "end": call_time.isoformat() + "Z"},
    )
    means = _averages(rows)
    if not means:
        influxdb3_local.info(f"no numeric rows in {source} since {start}")
        return
    line = LineBuilder(target)  # noqa: F821 - the database provides it
    for column, value in sorted(means.items()):
        line.float64_field(column, value)
    influxdb3_local.write(line)
    influxdb3_local.info(f"wrote {len(means)} averages of {len(rows)} rows to {target}")
