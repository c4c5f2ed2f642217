"""An HTTP endpoint that writes rows posted as CSV.

Query parameters: table (required), tags (comma-separated column names).
The first line of the body names the columns.
"""
import csv
import io


def _number(text):
    try:
        return float(text)
    except ValueError:
        return None


def process_request(
    influxdb3_local, query_parameters, request_headers, request_body, args=None
):
    table = query_parameters.get("table")
    if not table:
        return {"status": "error", "message": "the query parameter 'table' is missing"}, 400
    tags = set(filter(None, query_parameters.get("tags", "").split(",")))
    written = 0
    for row in csv.DictReader(io.StringIO(request_body.decode("utf-8"))):
        line = LineBuilder(table)  # noqa: F821 - the database provides it
        for column, text in row.items():
            number = _number(text)
            if column in tags:
                line.tag(column, text)
            elif number is not None:
                line.float64_field(column, number)
            else:
                line.string_field(column, text)
        influxdb3_local.write(line)
        written += 1
    return {"status": "ok", "written": written}
