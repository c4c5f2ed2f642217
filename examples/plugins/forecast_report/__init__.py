"""Forecasts a series by exponential smoothing: on write, on a schedule, on request."""
from .model import forecast
from .series import last_values, latest_in

STEPS = 12


def process_writes(influxdb3_local, table_batches, args=None):
    column = (args or {}).get("column", "value")
    for batch in table_batches:
        values = latest_in(batch["rows"], column)
        if len(values) >= 3:
            influxdb3_local.info(f"{batch['table_name']}: next {forecast(values, 1)[0]:.3f}")


def process_scheduled_call(influxdb3_local, call_time, args=None):
    args = args or {}
    values = last_values(influxdb3_local, args["table"], args.get("column", "value"))
    for step, value in enumerate(forecast(values, STEPS), start=1):
        line = LineBuilder(args["table"] + "_forecast")  # noqa: F821
        line.int64_field("step", step)
        line.float64_field("value", value)
        influxdb3_local.write(line)


def process_request(
    influxdb3_local, query_parameters, request_headers, request_body, args=None
):
    values = last_values(
        influxdb3_local, query_parameters["table"], query_parameters.get("column", "value")
    )
    steps = min(int(query_parameters.get("steps", STEPS)), 1000)
    return {"forecast": forecast(values, steps)}
