"""The responses of /cached that this worker keeps: in its process, in the service, or in both."""

import asyncio
import collections
import re
import time

from benchtop_counts import PLACES, counts
from benchtop_table import SERVICES, SETTINGS, Refused

CACHE = SETTINGS["cache"]
BY_TAG = CACHE["invalidate"] == "tag"
IN_PROCESS, IN_SERVICE = (CACHE["where"] in (where, "both") for where in ("process", "service"))

GETS, HITS, HITS_PROCESS, HITS_SERVICE, LOADS = (PLACES["cache_" + n] for n in ("gets", "hits", "hits_process", "hits_service", "loads"))
EVICTIONS, ROUND_TRIPS, ERRORS, ENTRIES, AT_ONCE = (PLACES["cache_" + n] for n in ("evictions", "round_trips", "errors", "entries", "loads_at_once"))

PORTION = 1000  # keys that a command or a pipeline takes


class InProcess:
    """A cache in the process. A full one puts out, as fifo, what came first; as lru, what was not asked for the longest; as ttl,
    the same, and it takes out what has expired whenever it is used. Of size 0 it has no bounds.
    """

    def __init__(self, policy, size, ttl, clock=time.monotonic_ns):
        self.size, self.ttl, self.clock = size, ttl, clock
        self.recent = policy != "fifo" and size > 0
        self.eager = policy == "ttl" and size > 0
        self.entries = collections.OrderedDict()  # by key: when it expires, the value; what goes first is in front
        self.ends = {}  # of an eager one: when each key expires, the first in front

    def get(self, key):
        now = self.clock()
        self.expire(now)
        entry = self.entries.get(key)
        if entry is None:
            return None
        if entry[0] <= now:
            self.remove(key)
            return None
        if self.recent:
            self.entries.move_to_end(key)
        return entry[1]

    def put(self, key, value):
        now = self.clock()
        self.expire(now)
        if self.size and key not in self.entries and len(self.entries) == self.size:
            self.remove(next(iter(self.entries)))
            counts.numbers[EVICTIONS] += 1
        self.entries[key] = now + self.ttl, value
        if self.recent:
            self.entries.move_to_end(key)
        if self.eager:
            self.ends.pop(key, None)
            self.ends[key] = now + self.ttl
        counts.numbers[ENTRIES] = len(self.entries)

    def expire(self, now):
        while self.ends:
            key = next(iter(self.ends))
            if self.ends[key] > now:
                return
            self.remove(key)

    def remove(self, key):
        self.entries.pop(key, None)
        self.ends.pop(key, None)
        counts.numbers[ENTRIES] = len(self.entries)

    def clear(self):
        self.entries.clear()
        self.ends.clear()
        counts.numbers[ENTRIES] = 0


process = InProcess(CACHE["policy"], CACHE["size"], CACHE["ttl"]) if IN_PROCESS else None
service = None

if "cache" in SERVICES:
    import redis.asyncio
    import redis.asyncio.connection
    import redis.exceptions

    FAILURES = redis.exceptions.RedisError, OSError

    class Counted:
        """A connection that counts what it sends. A pipeline goes out at once."""

        async def send_packed_command(self, *args, **named):
            counts.numbers[ROUND_TRIPS] += 1
            await super().send_packed_command(*args, **named)

    class OverTCP(Counted, redis.asyncio.connection.Connection):
        pass

    class OverUnix(Counted, redis.asyncio.connection.UnixDomainSocketConnection):
        pass

    def connect():
        """Makes the client, on the loop of the worker. It opens connections when it needs them, without a limit, as by default."""
        global service
        address = SERVICES["cache"]
        if address.startswith("unix:"):
            pool = redis.asyncio.ConnectionPool(connection_class=OverUnix, path=address[len("unix:") :])
        else:
            host, _, port = address.rpartition(":")
            pool = redis.asyncio.ConnectionPool(connection_class=OverTCP, host=host, port=int(port))
        service = redis.asyncio.Redis(connection_pool=pool)

    counts.starts.append(connect)


async def done(command):
    """Waits for a command of the service, or a pipeline. One that it does not carry out is counted, and Refused."""
    try:
        return await command
    except FAILURES as error:
        counts.numbers[ERRORS] += 1
        raise Refused(503, "cache: %s: %s" % (type(error).__name__, " ".join(str(error).split()))) from None


def key_of(id):
    return "item:%d" % id


async def find(id):
    """The entry of an item and the number of a count, where it was; None and 0 where nobody has it, or the service fails."""
    body = process.get(id) if process else None
    if body is not None:
        return body, HITS_PROCESS
    if IN_SERVICE:
        try:
            body = await done(service.get(key_of(id)))
        except Refused:
            return None, 0
        if body is not None and process:
            process.put(id, body)
    return body, HITS_SERVICE


async def get(id):
    counts.numbers[GETS] += 1
    body, where = await find(id)
    if body is not None:
        counts.numbers[HITS] += 1
        counts.numbers[where] += 1
    return body


async def put(id, body):
    """Keeps an entry. That the service failed is counted, and no matter of the request."""
    if process:
        process.put(id, body)
    if not IN_SERVICE:
        return
    milliseconds = max(1, CACHE["ttl"] // 10**6)
    if BY_TAG:
        pipe = service.pipeline(transaction=False)
        pipe.set(key_of(id), body, px=milliseconds).sadd("tag:item", key_of(id))
        command = pipe.execute()
    else:
        command = service.set(key_of(id), body, px=milliseconds)
    try:
        await done(command)
    except Refused:
        pass


flights = {}  # by id: the task that makes the entry, with single flight
loading = collections.Counter()  # by id: loads in flight


async def load(id, source):
    """Makes an entry from its source."""
    counts.numbers[LOADS] += 1
    loading[id] += 1
    counts.reach(AT_ONCE, loading[id])
    try:
        return await source
    finally:
        counts.reach(AT_ONCE, loading[id])  # the lab may have begun a new mark
        loading[id] -= 1
        if not loading[id]:
            del loading[id]


async def make(id, source):
    body = await load(id, source())
    await put(id, body)
    return body


async def look_and_make(id, source):
    body, _ = await find(id)  # the last flight may just have put it there
    return body if body is not None else await make(id, source)


async def miss(id, source):
    """Makes an entry and keeps it. With single flight the requests of the worker that miss it wait for the first of them."""
    if not CACHE["single_flight"]:
        return await make(id, source)
    flight = flights.get(id)
    if flight is None:
        flight = flights[id] = asyncio.ensure_future(look_and_make(id, source))
        flight.add_done_callback(lambda _: flights.pop(id))
    return await asyncio.shield(flight)


async def outdated(id):
    """Removes what is kept of an item that changed."""
    if CACHE["invalidate"] == "none":
        return
    if process and BY_TAG:
        process.clear()  # there are items only
    elif process:
        process.remove(id)
    if IN_SERVICE and service:
        try:
            await forget(id)
        except Refused:
            pass


async def forget(id):
    if BY_TAG:
        await remove_tag("item")
    elif CACHE["invalidate"] == "keys":
        await remove(await done(service.keys(key_of(id))))
    else:
        await done(service.delete(key_of(id)))


async def remove(keys):
    removed = 0
    for first in range(0, len(keys), PORTION):
        removed += await done(service.delete(*keys[first : first + PORTION]))
    return removed


async def remove_tag(tag):
    """Removes the members of a tag, and then the tag: an entry that is put there in between stays without it."""
    keys = list(await done(service.smembers("tag:" + tag)))
    removed = await remove(keys)
    if keys:
        await done(service.delete("tag:" + tag))
    return removed


async def remove_found(prefix, scan):
    """Removes the keys that begin with prefix. KEYS gives all of them at once, while nobody else is served; SCAN in portions."""
    pattern = re.sub(r"([\\*?\[\]])", r"\\\1", prefix) + "*"
    if not scan:
        return await remove(await done(service.keys(pattern)))
    removed, cursor = 0, None
    while cursor != 0:
        cursor, keys = await done(service.scan(cursor or 0, pattern, PORTION))
        removed += await remove(keys)
    return removed
