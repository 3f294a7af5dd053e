"""Asks a page as any program can: by HTTP, without a browser."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

from tests.web.conftest import PATIENCE


def get(address: str, data: object = None, **headers: str) -> tuple[int, bytes, dict]:
    """Fetch an address. Returns the status, what came, and its headers."""
    sent = None if data is None else json.dumps(data).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if sent is not None:
        named.setdefault("Content-Type", "application/json")
    request = urllib.request.Request(address, sent, named)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def call(server, name: str, *data: object) -> Iterator[tuple[str, object]]:
    """Call a function of the page. Yields what comes as (event, data), as soon as it is there."""
    address = f"{server.address}/gradio_api/call/{name}"
    status, answer, _ = get(address, {"data": data})
    assert status == 200, answer
    event = json.loads(answer)["event_id"]
    with urllib.request.urlopen(f"{address}/{event}", timeout=PATIENCE) as lines:
        for line in lines:
            word, _, text = line.decode().rstrip("\n").partition(": ")
            if word == "event":
                kind = text
            elif word == "data" and kind != "heartbeat":
                yield kind, json.loads(text)


def final(server, name: str, *data: object) -> object:
    """Call a function of the page, and return the last thing that comes."""
    kind, value = list(call(server, name, *data))[-1]
    assert kind == "complete", (kind, value)
    return value
