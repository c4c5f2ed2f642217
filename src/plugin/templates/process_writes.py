"""@name@: works on rows as they are written."""


def process_writes(influxdb3_local, table_batches, args):
    """Called with the rows of each write.

    influxdb3_local: the database. `info`, `warn` and `error` write to its log, `query`
        reads from it.
    table_batches: one dict a table, with `table_name` and `rows`; a row is a dict of
        column names to values.
    args: the arguments of the trigger as a dict of strings, or None.
    """
    prefix = (args or {}).get("prefix", "@name@")
    for batch in table_batches:
        table = batch["table_name"]
        count = len(batch["rows"])
        influxdb3_local.info(f"{prefix}: {count} row(s) written to {table}")
