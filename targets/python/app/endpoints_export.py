"""Orders as CSV, made whole in memory or sent as they are made."""

import asyncio
import gc
import time

from fastapi.responses import Response, StreamingResponse

from benchtop_table import endpoint

PORTION = 1000  # rows that are read at a time, as by a cursor of a database
MEDIA = "text/csv"
HEADER = "id,date,customer,email,street,city,amount,currency,state,note\n"
ROW = (
    "%d,2026-%02d-%02d,Customer %d,customer%d@shop.example,%d Long Street,City %d,%d.%02d,EUR,%s,"
    '"Please ring twice, the bell is not loud. If nobody opens, leave the parcel with the neighbour on the second floor, and take the empty box along. We are home from six on. The gate to the yard is open until nine, then it needs the code of the house. Call before you come if the parcel is heavier than ten kilograms, so that somebody can help you on the stairs: the lift is out of order until the end of the month."\n'
)
STATES = "open", "paid", "sent"


def part(first, last, collect):
    """The rows from first to before last, the header before them at the beginning."""
    lines = [HEADER] if first == 0 else []
    for i in range(first, last):
        customer = i * 7919 % 100000
        lines.append(ROW % (i, i % 12 + 1, i % 28 + 1, customer, customer, i % 200 + 1, i % 97, i % 5000, i % 100, STATES[i % 3]))
        if collect and (i + 1) % collect == 0:
            gc.collect()
    return "".join(lines).encode()


def parts(first, rows, how, collect):
    """The chunks of the portion that begins with first."""
    last, step = min(first + PORTION, rows), 1 if how == "rows" else PORTION
    for at in range(first, last, step):
        yield part(at, min(at + step, last), collect)


@endpoint("/export")
async def export_on_loop(rows, how, wait, collect):
    async def body():
        for first in range(0, rows, PORTION):
            await asyncio.sleep(wait.seconds)
            for chunk in parts(first, rows, how, collect):
                yield chunk

    if how == "whole":
        return Response(b"".join([chunk async for chunk in body()]), media_type=MEDIA)
    return StreamingResponse(body(), media_type=MEDIA)


@endpoint("/export")
def export_in_pool(rows, how, wait, collect):
    def body():
        for first in range(0, rows, PORTION):
            time.sleep(wait.seconds)
            yield from parts(first, rows, how, collect)

    if how == "whole":
        return Response(b"".join(body()), media_type=MEDIA)
    return StreamingResponse(body(), media_type=MEDIA)
