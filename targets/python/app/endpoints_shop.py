"""A small shop: users with posts, items, responses that are kept. The statements are those of the server that is built into
benchtop. asyncpg and redis-py are used on the event loop; there is no driver of PostgreSQL that blocks, so the form of /sync is
a thread of the pool that waits until the loop has done it.
"""

import asyncio
import json

from fastapi.responses import PlainTextResponse, Response

from benchtop_counts import PLACES, counts
from benchtop_table import SERVICES, SETTINGS, Refused, endpoint

# What the target does not have is not loaded: its driver may not be there.
if "db_acquires" in PLACES:
    from benchtop_database import Taken
if "cache_gets" in PLACES:
    import benchtop_cache
else:
    benchtop_cache = None


@endpoint("/user", both=True)
async def user(id):
    async with Taken() as db:
        return await read_user(db, id)


async def read_user(db, id):
    row = await db.fetchrow("SELECT id, name, country FROM users WHERE id = $1", id)
    if row is None:
        raise Refused(404, "no user %d" % id)
    return dict(row)


@endpoint("/users", both=True)
async def users(n, how):
    async with Taken() as db:
        return await USERS[how](db, n)


async def n_plus_one(db, n):
    out = []
    for user in await db.fetch("SELECT id, name FROM users ORDER BY id LIMIT $1", n):
        posts = await db.fetch("SELECT title FROM posts WHERE user_id = $1 ORDER BY id", user["id"])
        out.append({"id": user["id"], "name": user["name"], "posts": [post["title"] for post in posts]})
    return out


async def joined(db, n):
    out = []
    query = "SELECT u.id, u.name, p.title FROM users u LEFT JOIN posts p ON p.user_id = u.id WHERE u.id <= $1 ORDER BY u.id, p.id"
    for id, name, title in await db.fetch(query, n):
        if not out or out[-1]["id"] != id:
            out.append({"id": id, "name": name, "posts": []})
        if title is not None:
            out[-1]["posts"].append(title)
    return out


async def any_of(db, n):
    out = {row["id"]: {**row, "posts": []} for row in await db.fetch("SELECT id, name FROM users ORDER BY id LIMIT $1", n)}
    for id, title in await db.fetch("SELECT user_id, title FROM posts WHERE user_id = ANY($1) ORDER BY id", list(out)):
        out[id]["posts"].append(title)
    return list(out.values())


USERS = {"n_plus_one": n_plus_one, "join": joined, "any": any_of}


@endpoint("/items", both=True)
async def items(n, from_, how):
    if how == "batch":
        raise Refused(501, "asyncpg has no batch of queries")
    ids = range(from_, from_ + n)
    async with Taken() as db:
        if how == "any":
            rows = await db.fetch("SELECT id, name, price FROM items WHERE id = ANY($1) ORDER BY id", list(ids))
        else:
            rows = [await db.fetchrow("SELECT id, name, price FROM items WHERE id = $1", id) for id in ids]
        return [dict(row) for row in rows if row is not None]


@endpoint("/report", both=True)
async def report():
    async with Taken() as db:
        rows = await db.fetch("SELECT user_id, count(*), sum(length(body)) FROM posts GROUP BY user_id ORDER BY 2 DESC, 1 LIMIT 10")
        return [{"user": user, "posts": posts, "bytes": length} for user, posts, length in rows]


@endpoint("/slow", both=True)
async def slow(for_):
    async with Taken() as db:
        await db.fetchrow("SELECT pg_sleep($1)", for_.seconds)
    return PlainTextResponse("waited %s\n" % for_)


@endpoint("/order", both=True)
async def order(item):
    async with Taken() as db:
        async with db.transaction():
            await changed(db, "UPDATE items SET stock = stock - 1, version = version + 1 WHERE id = $1 RETURNING stock", item)
    return {"item": item}


async def changed(db, query, id):
    """Carries out a statement that gives a number of the item that it changes, or reads."""
    row = await db.fetchrow(query, id)
    if row is None:
        raise Refused(404, "no item %d" % id)
    return row[0]


broken = 0  # requests of this worker that had a connection


@endpoint("/broken", both=True)
async def fails(every, status):
    global broken
    async with Taken() as db:
        broken += 1
        now = broken % every == 0
        found = await read_user(db, 1)
        if now:
            if SETTINGS["db"]["leak"]:
                db.keep()
            raise Refused(status, "failed as asked")
        return found


hits = 0  # of this worker, for the audit


@endpoint("/cached", both=True)
async def cached(id, work, source, audit):
    global hits
    needs = ["cache"] if SETTINGS["cache"]["where"] in ("service", "both") else []
    needs += ["database"] if source == "item" or audit else []
    for service in needs:
        if service not in SERVICES:
            raise Refused(501, "/cached needs the service %s, which this target does not have" % service)

    async def made():
        version = 0
        if source == "item":
            version = await version_of(id)
        else:
            await asyncio.sleep(work.seconds)
        return b'{"id":%d,"version":%d}' % (id, version)

    if SETTINGS["cache"]["where"] == "off":
        return json_text(await benchtop_cache.load(id, made()))
    body = await benchtop_cache.get(id)
    if body is None:
        return json_text(await benchtop_cache.miss(id, made))
    hits += 1
    if audit and hits % audit == 0:
        await compare(id, body)
    return json_text(body)


def json_text(body):
    return Response(body, media_type="application/json")


async def version_of(id):
    async with Taken() as db:
        return await changed(db, "SELECT version FROM items WHERE id = $1", id)


async def compare(id, body):
    """Counts whether an entry is as old as its item. The response is good all the same when that cannot be told."""
    try:
        version = await version_of(id)
    except Refused:
        return
    counts.numbers[PLACES["cache_audited"]] += 1
    counts.numbers[PLACES["cache_stale"]] += json.loads(body)["version"] != version


@endpoint("/update", both=True)
async def update(id):
    async with Taken() as db:
        await changed(db, "UPDATE items SET version = version + 1 WHERE id = $1 RETURNING version", id)
    if benchtop_cache:
        await benchtop_cache.outdated(id)
    return {"id": id}


@endpoint("/invalidate", both=True)
async def invalidate(how, prefix):
    if how == "tag":
        removed = await benchtop_cache.remove_tag(prefix)
    else:
        removed = await benchtop_cache.remove_found(prefix, how == "scan")
    return PlainTextResponse("removed %d\n" % removed)
