"""The sample endpoints that need nothing but the worker itself."""

import asyncio
import functools
import hashlib
import os
import threading
import time

from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from benchtop_counts import counts
from benchtop_table import METRICS, SETTINGS, endpoint

# One copy of several behind a proxy may be told to do more than it is asked for.
FACTOR = int(os.environ.get("BENCHTOP_WORK_FACTOR") or 1)


@endpoint("/hello")
def hello():
    return PlainTextResponse("Hello, world!")


@endpoint("/work")
def work(units):
    """Hashes 1 KiB again and again, each time with the previous sum at its front, so no round can be left out."""
    block = bytearray(1024)
    for _ in range(units * FACTOR):
        block[:32] = hashlib.sha256(block).digest()
    return PlainTextResponse(block[:8].hex() + "\n")


@endpoint("/wait")
async def wait_on_loop(for_):
    await asyncio.sleep(for_.seconds)
    return PlainTextResponse("waited %s\n" % for_)


@endpoint("/wait")
def wait_in_pool(for_):
    time.sleep(for_.seconds)
    return PlainTextResponse("waited %s\n" % for_)


@functools.lru_cache(maxsize=16)
def alphabet(n):
    return (b"abcdefghijklmnopqrstuvwxyz" * (n // 26 + 1))[:n]


@endpoint("/bytes")
def octets(n):
    return Response(alphabet(n), media_type="application/octet-stream")


@endpoint("/stream")
async def stream_on_loop(chunks, every):
    async def body():
        for i in range(chunks):
            if i:
                await asyncio.sleep(every.seconds)
            yield b"chunk %d\n" % i

    return StreamingResponse(body(), media_type="text/plain")


@endpoint("/stream")
def stream_in_pool(chunks, every):
    def body():
        for i in range(chunks):
            if i:
                time.sleep(every.seconds)
            yield b"chunk %d\n" % i

    return StreamingResponse(body(), media_type="text/plain")


@endpoint("/fanout")
async def fanout_on_loop(calls, wait):
    await asyncio.gather(*(asyncio.sleep(wait.seconds) for _ in range(calls)))
    return PlainTextResponse("calls %d, each waited %s\n" % (calls, wait))


@endpoint("/fanout")
def fanout_in_pool(calls, wait):
    for _ in range(calls):  # code that blocks makes one call after the other
        time.sleep(wait.seconds)
    return PlainTextResponse("calls %d, each waited %s\n" % (calls, wait))


@endpoint("/health")
def health():
    return PlainTextResponse("ok\n")


@endpoint("/metrics")
def metrics():
    lines = []
    for name, kind, text, value in (
        ("served_total", "counter", "Responses written, this one not included.", counts.served()),
        ("in_flight", "gauge", "Requests being handled, this one included.", counts.in_flight()),
        ("connections_accepted_total", "counter", "Connections accepted.", counts.accepted()),
        ("connections_open", "gauge", "Connections open now.", counts.open()),
        ("threads", "gauge", "Threads of the worker.", threading.active_count()),
        *((name, kind, text, counts.value(count)) for count, name, kind, text in METRICS),
    ):
        full = "benchtop_worker_" + name
        lines.append("# HELP %s %s\n# TYPE %s %s\n" % (full, text, full, kind))
        lines.append('%s{pid="%d"} %d\n' % (full, counts.pid, value))
    if SETTINGS["telemetry"]["metrics"] != "off":
        import benchtop_telemetry

        lines.append(benchtop_telemetry.text())
    return Response("".join(lines), headers={"content-type": "text/plain; version=0.0.4; charset=utf-8"})
