"""@name@: answers HTTP requests."""

import json


def process_request(
    influxdb3_local, query_params, request_headers, request_body, args=None
):
    """Called for each request to the path of the trigger.

    influxdb3_local: the database. `info`, `warn` and `error` write to its log, `query`
        reads from it.
    query_params: the parameters of the URL's query, a dict.
    request_headers: the headers, a dict.
    request_body: the body, bytes.
    args: the arguments of the trigger as a dict of strings, or None.

    What is returned becomes the response; a dict is sent as JSON.
    """
    try:
        body = json.loads(request_body) if request_body else None
    except ValueError:
        influxdb3_local.warn("@name@: the body of a request is not JSON")
        return {"status": "error", "message": "the body is not JSON"}
    return {"status": "ok", "parameters": dict(query_params), "body": body}
