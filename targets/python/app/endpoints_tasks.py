"""Tasks that are done before the response, or left for after it as starlette's background tasks are."""

import asyncio
import hashlib
import time

from fastapi.responses import PlainTextResponse
from starlette.background import BackgroundTask

from benchtop_counts import PLACES, bucket, counts
from benchtop_table import Refused, endpoint
from endpoints_samples import FACTOR

# What the target does not have is not loaded: its driver may not be there.
if "calls_sent" in PLACES:
    from benchtop_calls import Calls

QUEUED, DONE, LEFT, WAIT = (PLACES["tasks_" + name] for name in ("queued", "done", "left", "wait"))


async def do(units, wait, calls):
    block = bytearray(1024)
    for _ in range(units * FACTOR):
        block[:32] = hashlib.sha256(block).digest()
    if wait:
        await asyncio.sleep(wait.seconds)
    for _ in range(calls):
        async with Calls() as upstream:
            failure = await upstream.call()
        if failure:
            return failure
    return None


async def left(since, *task):
    counts.numbers[WAIT + bucket(time.monotonic_ns() - since)] += 1
    try:
        await do(*task)
    finally:
        counts.numbers[LEFT] -= 1
        counts.numbers[DONE] += 1


@endpoint("/task", both=True)
async def task(units, wait, calls, when):
    if calls and "calls_sent" not in PLACES:
        raise Refused(501, "/task with calls needs the service upstream, which this target does not have")
    if when == "before":
        failure = await do(units, wait, calls)
        if failure:
            raise Refused(failure.status, failure.text)
        return PlainTextResponse("the task is done\n")
    counts.numbers[QUEUED] += 1
    counts.numbers[LEFT] += 1
    later = BackgroundTask(left, time.monotonic_ns(), units, wait, calls)
    return PlainTextResponse("the task is queued\n", background=later)
