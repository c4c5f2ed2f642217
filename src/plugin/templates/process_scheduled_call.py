"""@name@: works at the times of a schedule."""


def process_scheduled_call(influxdb3_local, schedule_time, args):
    """Called each time the schedule comes round.

    influxdb3_local: the database. `info`, `warn` and `error` write to its log, `query`
        reads from it.
    schedule_time: when the call was due, a datetime in UTC without a time zone.
    args: the arguments of the trigger as a dict of strings, or None.
    """
    prefix = (args or {}).get("prefix", "@name@")
    influxdb3_local.info(f"{prefix}: called for {schedule_time.isoformat()}Z")
