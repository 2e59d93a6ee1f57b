"""The sample endpoints of benchtop as a FastAPI application, each as an async and a sync twin.

/async/X runs on the event loop, /sync/X in AnyIO's pool of threads, as FastAPI does with `async def` and `def`.
/X is /async/X. Of an endpoint whose driver only knows the event loop, the thread of /sync/X waits while the loop runs the
handler: it costs the slot of the pool and the ways there and back, and what it would compute is computed on the loop. The responses are, byte for byte, those of the server that is built into benchtop. The endpoints are the
functions in the files endpoints_*.py.
"""

import asyncio
import glob
import importlib
import inspect
import os

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, StreamingResponse

from benchtop_counts import counts
from benchtop_table import ENDPOINTS, SETTINGS, Refused, not_served

TWINS = "/async", "/sync"

OBSERVES = SETTINGS["telemetry"]["timing"] or any(SETTINGS["telemetry"][key] != "off" for key in ("metrics", "profile"))
if OBSERVES:
    import benchtop_telemetry  # what is not used is not loaded

for file in sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "endpoints_*.py"))):
    importlib.import_module(os.path.basename(file)[:-3])


async def body_of(row, request):
    """Reads the body of a request. One that is somewhat too long is read to its end: a client that is cut off while it
    sends may not see why.
    """
    parts, length = [], int(request.headers.get("content-length", 0))
    if length <= 2 * row.limit:
        length = 0
        async for part in request.stream():
            length += len(part)
            if length > 2 * row.limit:
                break
            if row.takes_body and length <= row.limit:
                parts.append(part)
    if length > row.limit:
        raise Refused(413, "the body is too long: %s takes at most %d bytes" % (request.scope["path"], row.limit))
    return b"".join(parts)


def served(row, handle, in_pool):
    """What FastAPI calls for a request: it reads the parameters and gives them to the handler."""
    on_loop = inspect.iscoroutinefunction(handle)
    if OBSERVES:
        handle = benchtop_telemetry.profiled(handle)

    async def answer(request: Request):
        scope, body = request.scope, b""
        for name, _ in scope["headers"]:
            if name == b"content-length" or name == b"transfer-encoding":
                body = await body_of(row, request)
        arguments = row.arguments(scope["query_string"])
        if row.takes_body:
            arguments["body"] = body
        if in_pool and on_loop:
            response = await run_in_threadpool(wait_for, handle(**arguments), asyncio.get_running_loop())
        elif in_pool:
            response = await run_in_threadpool(handle, **arguments)
        else:
            response = await handle(**arguments) if on_loop else handle(**arguments)
        if scope["method"] == "HEAD" and isinstance(response, StreamingResponse):
            response.body_iterator = nothing()  # or the connection would wait for all that is not sent
        return response

    return answer


def wait_for(running, loop):
    return asyncio.run_coroutine_threadsafe(running, loop).result()


async def nothing():
    return
    yield


async def refuse(_, refused):
    headers = {"connection": "close"} if refused.status == 413 else None
    return PlainTextResponse(refused.text + "\n", refused.status, headers)


async def not_found(request, _):
    return PlainTextResponse(not_served(request.scope["path"], TWINS) + "\n", 404)


def routes(api):
    for row in ENDPOINTS.values():
        if row.in_pool is None:
            raise RuntimeError("the endpoint %s has no handler with `def` in the files endpoints_*.py" % row.path)
        on_loop = served(row, row.on_loop or row.in_pool, False)
        api.add_api_route(row.path, on_loop, **row.route)
        api.add_api_route(TWINS[0] + row.path, on_loop, **row.route)
        api.add_api_route(TWINS[1] + row.path, served(row, row.in_pool, True), **row.route)
    for route in api.routes:
        route.methods = None  # all of them, as the other servers do


api = FastAPI(openapi_url=None, exception_handlers={Refused: refuse, 404: not_found})
api.router.redirect_slashes = False
routes(api)
if OBSERVES:
    benchtop_telemetry.observe(api)
app = api
if SETTINGS["gzip"]["where"] != "off":
    import benchtop_gzip  # what is not used is not loaded

    app = benchtop_gzip.around(api)
if os.environ.get("BENCHTOP_THREADS"):
    counts.starts.append(lambda: setattr(current_default_thread_limiter(), "total_tokens", int(os.environ["BENCHTOP_THREADS"])))
app = counts.around(app, apart=OBSERVES and SETTINGS["telemetry"]["form"] == "http")

if os.environ.get("BENCHTOP_CRASH"):
    raise RuntimeError("crash_on_start: the application was told to fail")
