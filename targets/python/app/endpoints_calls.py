"""Calls of a slow service, with httpx on the event loop. The form of /sync is a thread of the pool that waits until the loop
has done it.
"""

import asyncio

from fastapi.responses import PlainTextResponse, StreamingResponse

from benchtop_counts import PLACES
from benchtop_table import Refused, endpoint

# What the target does not have is not loaded: its driver may not be there.
if "calls_sent" in PLACES:
    from benchtop_calls import Calls


@endpoint("/calls", both=True)
async def calls(n, how):
    if how == "stream":
        return StreamingResponse(as_they_come(n), media_type="text/plain")
    async with Calls() as upstream:
        if how == "together":
            failures = await asyncio.gather(*(upstream.call() for _ in range(n)))
        else:
            failures = []
            while len(failures) < n and not any(failures):
                failures.append(await upstream.call())
    for i, failure in enumerate(failures, 1):
        if failure:
            raise Refused(failure.status, "call %d of %d: %s" % (i, n, failure.text))
    return PlainTextResponse("called %d times\n" % n)


async def as_they_come(n):
    """A chunk for each call, in the order in which they end."""
    async with Calls() as upstream:
        running = [asyncio.ensure_future(upstream.call()) for _ in range(n)]
        try:
            for i, call in enumerate(asyncio.as_completed(running), 1):
                failure = await call
                yield b"%d of %d: %s\n" % (i, n, (failure.text if failure else "called").encode())
        finally:
            for call in running:
                call.cancel()
