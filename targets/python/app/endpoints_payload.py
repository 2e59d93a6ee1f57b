"""A list, which is encoded in one of several ways."""

import functools
from typing import List, Union

from fastapi.responses import JSONResponse, Response

from benchtop_table import ENDPOINTS, SETTINGS, endpoint

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
