"""A list, which is encoded in one of several ways, and files."""

import functools
import os
import threading
from typing import List, Union

from fastapi.responses import FileResponse, JSONResponse, Response

from benchtop_table import ENDPOINTS, SETTINGS, endpoint
from benchtop_table import size as bytes_of

ENCODER = SETTINGS["json"]["encoder"]
if ENCODER in ("ujson", "response_class"):
    from fastapi.responses import UJSONResponse


def rows_of(items):
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
def encoded(items):
    return JSONResponse(rows_of(items)).body


@functools.lru_cache
def path_of(name):
    """A file beside the application, written when it is first asked for."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "file-" + name)
    length, new = bytes_of(name), "%s.%d.%d" % (path, os.getpid(), threading.get_ident())
    with open(new, "wb") as written:
        written.write((b"abcdefghijklmnopqrstuvwxyz" * (length // 26 + 1))[:length])
    os.rename(new, path)
    return path


@endpoint("/file")
def file(size):
    return FileResponse(path_of(size), media_type="application/octet-stream")


@endpoint("/json")
def listed(items):
    if ENCODER == "pre":
        return Response(encoded(items), media_type="application/json")
    rows = rows_of(items)
    if ENCODER == "JSONResponse":
        return JSONResponse(rows)
    if ENCODER == "ujson":
        return UJSONResponse(rows)
    return rows  # FastAPI makes it plain data first, with the route's model or without one


if ENCODER == "response_class":
    ENDPOINTS["/json"].route = {"response_class": UJSONResponse}
if ENCODER == "model":
    from pydantic import BaseModel

    class Item(BaseModel):
        id: int
        name: str
        price: Union[int, float]
        in_stock: bool
        tags: List[str]

        class Config:
            smart_union = True  # or 1.25 would become 1

    ENDPOINTS["/json"].route = {"response_model": List[Item]}
