"""What the application observes of its own requests: a timing middleware, metrics with labels, a profile of each request.

The middleware is written in one of the two ways that starlette has. What a request took counts from the middleware's first
instruction to the head of the response, by a clock that nobody sets.
"""

import cProfile
import inspect
import io
import pstats
import time

from starlette.middleware.base import BaseHTTPMiddleware

from benchtop_counts import PLACES, bucket, counts
from benchtop_table import SETTINGS

TELEMETRY = SETTINGS["telemetry"]
TIMING, BY_PATH = TELEMETRY["timing"], TELEMETRY["metrics"] == "path"
TIME, SERIES, SAMPLES = (PLACES.get("telemetry_" + name) for name in ("time", "series", "samples"))

requests = durations = None
if TELEMETRY["metrics"] != "off":
    import prometheus_client

    registry = prometheus_client.CollectorRegistry()
    requests = prometheus_client.Counter("http_requests", "Requests.", ["handler"], registry=registry)
    durations = prometheus_client.Histogram("http_request_duration_seconds", "Time in the handler.", ["handler"], registry=registry)


def text():
    """What /metrics has of it."""
    return prometheus_client.generate_latest(registry).decode() if requests else ""


def label_of(scope):
    label = scope["path"] if "endpoint" in scope or BY_PATH else ""  # or whoever asks for what there is not would fill the registry
    if BY_PATH and scope["query_string"]:
        label += "?" + scope["query_string"].decode("latin-1")
    return label


def responded(scope, took):
    """Notes what a request took, in nanoseconds, and gives the value of its header; None without one."""
    if requests:
        label = label_of(scope)
        requests.labels(label).inc()
        durations.labels(label).observe(took / 1e9)
        counts.numbers[SERIES] = len(requests._metrics)  # there is no other way to ask
    if not TIMING:
        return None
    counts.numbers[TIME + bucket(took)] += 1
    return "%.6f" % (took / 1e9)


class Plain:
    """The middleware as an ASGI application around another one."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter_ns()

        def marked(message):
            if message["type"] == "http.response.start":
                value = responded(scope, time.perf_counter_ns() - began)
                if value:
                    message["headers"] = [*message.get("headers", ()), (b"x-process-time", value.encode())]
            return send(message)

        await self.app(scope, receive, marked)


async def around_call(request, call_next):
    """The middleware as pages write it under @app.middleware("http")."""
    began = time.perf_counter_ns()
    response = await call_next(request)
    value = responded(request.scope, time.perf_counter_ns() - began)
    if value:
        response.headers["X-Process-Time"] = value
    return response


def observe(api):
    """Adds the middleware to an application, where there is one."""
    if not TIMING and not requests:
        return
    if TELEMETRY["form"] == "http":
        api.add_middleware(BaseHTTPMiddleware, dispatch=around_call)  # which is all that the decorator does
    else:
        api.add_middleware(Plain)


def report(profiler):
    out = io.StringIO()
    stats = pstats.Stats(profiler, stream=out)
    stats.sort_stats("cumulative").print_stats(20)
    counts.numbers[SAMPLES] += stats.total_calls


def profiled(handle):
    """A handler under a profiler of its own in each request, as a decorator of pages has it; the handler itself without one."""
    if TELEMETRY["profile"] == "off":
        return handle

    async def on_loop(**arguments):
        profiler = cProfile.Profile()
        profiler.enable()
        try:
            return await handle(**arguments)
        finally:
            profiler.disable()
            report(profiler)

    def in_turn(**arguments):
        profiler = cProfile.Profile()
        try:
            return profiler.runcall(handle, **arguments)
        finally:
            report(profiler)

    return on_loop if inspect.iscoroutinefunction(handle) else in_turn
