"""Sends a webhook when a written field crosses a threshold.

Trigger arguments: field, above (a number), url.
"""
import json


def _crossings(table_batches, field, limit):
    for batch in table_batches:
        for row in batch["rows"]:
            value = row.get(field)
            if isinstance(value, (int, float)) and value > limit:
                yield batch["table_name"], value, row.get("time")


def process_writes(influxdb3_local, table_batches, args=None):
    args = args or {}
    try:
        field, limit, url = args["field"], float(args["above"]), args["url"]
    except (KeyError, ValueError) as problem:
        influxdb3_local.error(f"threshold_alert: bad arguments: {problem!r}")
        return

    import requests  # here, so that a missing package is reported by the first alert

    for table, value, time in _crossings(table_batches, field, limit):
        body = {"table": table, "field": field, "value": value, "time": str(time)}
        reply = requests.post(url, data=json.dumps(body), timeout=5)
        if not reply.ok:
            influxdb3_local.warn(f"threshold_alert: {url} answered {reply.status_code}")
