"""The sample endpoints of benchtop as a FastAPI application, each as an async and a sync twin.

/async/X runs on the event loop, /sync/X in AnyIO's pool of threads, as FastAPI does with `async def` and `def`.
/X is /async/X. The answers are, byte for byte, those of the server that is built into benchtop.
"""

import asyncio
import functools
import hashlib
import os
import re
import threading
import time
from decimal import Decimal

from fastapi import APIRouter, FastAPI, HTTPException, Query
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

import benchtop_counts

counts = benchtop_counts.Counts()

UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
STEP = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")


@functools.lru_cache(maxsize=256)
def duration(text):
    """Reads a duration such as 5ms or 1m30s; gives seconds and the way in which Go writes it."""
    total, at = 0, 0
    while at < len(text):
        step = STEP.match(text, at)
        if step is None:
            break
        total += int(Decimal(step[1]) * UNITS[step[2]])
        at = step.end()
    if (at < len(text) or at == 0) and text != "0":
        raise HTTPException(400, "%r is not a duration with its unit, such as 5ms" % text)
    return total / 1e9, written(total)


def written(ns):
    """Writes nanoseconds in the way of Go's time.Duration."""
    if ns == 0:
        return "0s"
    for unit in ("ns", "µs", "ms"):
        if ns < 1000 * UNITS[unit]:
            return fraction(ns, UNITS[unit]) + unit
    minutes, rest = divmod(ns, 60 * 10**9)
    text = fraction(rest, 10**9) + "s"
    if minutes:
        hours, minutes = divmod(minutes, 60)
        text = "%dm%s" % (minutes, text)
        if hours:
            text = "%dh%s" % (hours, text)
    return text


def fraction(ns, unit):
    whole, rest = divmod(ns, unit)
    if not rest:
        return str(whole)
    return "%d.%s" % (whole, str(rest).zfill(len(str(unit)) - 1).rstrip("0"))


# One copy of several behind a proxy may be told to do more than it is asked for.
FACTOR = int(os.environ.get("BENCHTOP_WORK_FACTOR") or 1)


def digest(units):
    """Hashes 1 KiB again and again, each time with the previous sum at its front, so no round can be left out."""
    block = bytearray(1024)
    for _ in range(units * FACTOR):
        block[:32] = hashlib.sha256(block).digest()
    return PlainTextResponse(block[:8].hex() + "\n")


def listed(items):
    rows = []
    for i in range(items):
        price = i * 5 / 4
        rows.append(
            {
                "id": i,
                "name": "item %d" % i,
                "price": int(price) if price.is_integer() else price,  # as JSON of other languages writes it
                "in_stock": i % 3 != 0,
                "tags": ["sample", "benchtop"],
            }
        )
    return rows


@functools.lru_cache(maxsize=16)
def alphabet(n):
    return (b"abcdefghijklmnopqrstuvwxyz" * (n // 26 + 1))[:n]


def octets(n):
    return Response(alphabet(n), media_type="application/octet-stream")


def metrics_text():
    lines = []
    for name, kind, text, value in (
        ("served_total", "counter", "Answers written, this one not included.", counts.served()),
        ("in_flight", "gauge", "Requests being handled, this one included.", counts.in_flight()),
        ("connections_accepted_total", "counter", "Connections accepted.", counts.accepted()),
        ("connections_open", "gauge", "Connections open now.", counts.open()),
        ("threads", "gauge", "Threads of the worker.", threading.active_count()),
    ):
        full = "benchtop_worker_" + name
        lines.append("# HELP %s %s\n# TYPE %s %s\n" % (full, text, full, kind))
        lines.append('%s{pid="%d"} %d\n' % (full, counts.pid, value))
    return Response("".join(lines), media_type="text/plain; version=0.0.4; charset=utf-8")


Units = functools.partial(Query, ge=1, le=1_000_000)
Items = functools.partial(Query, ge=0, le=10_000)
Bytes = functools.partial(Query, ge=0, le=16 << 20)
Chunks = functools.partial(Query, ge=1, le=10_000)
Calls = functools.partial(Query, ge=1, le=1_000)

on_loop = APIRouter()
in_pool = APIRouter()


@on_loop.get("/hello")
async def hello_on_loop():
    return PlainTextResponse("Hello, world!")


@in_pool.get("/hello")
def hello_in_pool():
    return PlainTextResponse("Hello, world!")


@on_loop.get("/work")
async def work_on_loop(units: int = Units(100)):
    return digest(units)


@in_pool.get("/work")
def work_in_pool(units: int = Units(100)):
    return digest(units)


@on_loop.get("/wait")
async def wait_on_loop(wait: str = Query("5ms", alias="for")):
    seconds, text = duration(wait)
    await asyncio.sleep(seconds)
    return PlainTextResponse("waited %s\n" % text)


@in_pool.get("/wait")
def wait_in_pool(wait: str = Query("5ms", alias="for")):
    seconds, text = duration(wait)
    time.sleep(seconds)
    return PlainTextResponse("waited %s\n" % text)


@on_loop.get("/json")
async def json_on_loop(items: int = Items(10)):
    return listed(items)


@in_pool.get("/json")
def json_in_pool(items: int = Items(10)):
    return listed(items)


@on_loop.get("/bytes")
async def bytes_on_loop(n: int = Bytes(1024)):
    return octets(n)


@in_pool.get("/bytes")
def bytes_in_pool(n: int = Bytes(1024)):
    return octets(n)


@on_loop.get("/stream")
async def stream_on_loop(chunks: int = Chunks(5), every: str = "10ms"):
    seconds, _ = duration(every)

    async def body():
        for i in range(chunks):
            if i:
                await asyncio.sleep(seconds)
            yield b"chunk %d\n" % i

    return StreamingResponse(body(), media_type="text/plain")


@in_pool.get("/stream")
def stream_in_pool(chunks: int = Chunks(5), every: str = "10ms"):
    seconds, _ = duration(every)

    def body():
        for i in range(chunks):
            if i:
                time.sleep(seconds)
            yield b"chunk %d\n" % i

    return StreamingResponse(body(), media_type="text/plain")


@on_loop.get("/fanout")
async def fanout_on_loop(calls: int = Calls(5), wait: str = "5ms"):
    seconds, text = duration(wait)
    await asyncio.gather(*(asyncio.sleep(seconds) for _ in range(calls)))
    return PlainTextResponse("calls %d, each waited %s\n" % (calls, text))


@in_pool.get("/fanout")
def fanout_in_pool(calls: int = Calls(5), wait: str = "5ms"):
    seconds, text = duration(wait)
    for _ in range(calls):  # code that blocks makes one call after the other
        time.sleep(seconds)
    return PlainTextResponse("calls %d, each waited %s\n" % (calls, text))


@on_loop.get("/health")
async def health_on_loop():
    return PlainTextResponse("ok\n")


@in_pool.get("/health")
def health_in_pool():
    return PlainTextResponse("ok\n")


@on_loop.get("/metrics")
async def metrics_on_loop():
    return metrics_text()


@in_pool.get("/metrics")
def metrics_in_pool():
    return metrics_text()


api = FastAPI(openapi_url=None)
api.include_router(on_loop)
api.include_router(on_loop, prefix="/async")
api.include_router(in_pool, prefix="/sync")

app = counts.around(api)

if os.environ.get("BENCHTOP_CRASH"):
    raise RuntimeError("crash_on_start: the application was told to fail")
