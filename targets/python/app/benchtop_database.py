"""The database of the target: asyncpg, used as its users do, and counted where it talks to the server.

A round trip is one time that the driver sends something and waits for the response: the preparation of a statement that its
connection has not seen yet, its execution, a BEGIN or COMMIT, and the statements with which the pool makes a connection
clean that is given back. A statement is what a handler asks for.
"""

import asyncio
import re
import sys
import time

import asyncpg
import asyncpg.protocol

from benchtop_counts import PLACES, bucket, counts
from benchtop_table import SERVICES, SETTINGS, Duration, Refused

DB = SETTINGS["db"]
ACQUIRE_TIMEOUT, QUERY_TIMEOUT, SLOW_LOG = (Duration(DB[name]) for name in ("acquire_timeout", "query_timeout", "slow_log"))

ACQUIRES, ROUND_TRIPS, STATEMENTS, CONNECTS, REFUSED = (PLACES["db_" + n] for n in ("acquires", "round_trips", "statements", "connects", "refused"))
ACQUIRE_TIMEOUTS, QUERY_TIMEOUTS, LEAKED, SLOW = (PLACES["db_" + n] for n in ("acquire_timeouts", "query_timeouts", "leaked", "slow"))
IN_USE, IDLE, OPEN, WAIT = (PLACES["db_" + n] for n in ("in_use", "idle", "open", "wait"))

# What fails because of the server or the way to it, not because of the statement.
AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
)


class Protocol(asyncpg.protocol.Protocol):
    """The protocol of a connection, which counts what it sends."""

    established = False

    def prepare(self, *args, **named):
        counts.numbers[ROUND_TRIPS] += 1
        return super().prepare(*args, **named)

    def bind_execute(self, *args):
        counts.numbers[ROUND_TRIPS] += 1
        return super().bind_execute(*args)

    def query(self, *args):
        counts.numbers[ROUND_TRIPS] += 1
        return super().query(*args)

    def close_statement(self, *args):
        counts.numbers[ROUND_TRIPS] += 1
        return super().close_statement(*args)

    def set_connection(self, connection):
        self.established = True
        counts.numbers[CONNECTS] += 1
        move(OPEN, 1)
        super().set_connection(connection)

    def connection_lost(self, error):
        if self.established:
            self.established = False
            move(OPEN, -1)
        super().connection_lost(error)


asyncpg.protocol.Protocol = Protocol  # there is no setting for it


def move(level, by):
    numbers = counts.numbers
    numbers[level] += by
    numbers[IDLE] = max(0, numbers[OPEN] - numbers[IN_USE])


def place(address):
    """Where asyncpg connects to. Of a socket it wants the folder, and makes the name of the file from the port."""
    if address.startswith("unix:"):
        folder, _, port = address[len("unix:") :].rpartition("/.s.PGSQL.")
    else:
        folder, _, port = address.rpartition(":")
    return {"host": folder, "port": int(port)}


def fault(error):
    """The response that a failure means; None where it is a fault of the application."""
    if isinstance(error, asyncio.TimeoutError):
        counts.numbers[QUERY_TIMEOUTS] += 1
        return Refused(504, "no response of the database within " + span(QUERY_TIMEOUT))
    if isinstance(error, AWAY):
        if isinstance(error, (ConnectionRefusedError, FileNotFoundError, asyncpg.TooManyConnectionsError)):
            counts.numbers[REFUSED] += 1
        return Refused(503, "database: %s: %s" % (type(error).__name__, line(str(error))))
    if isinstance(error, asyncpg.PostgresError):
        return Refused(500, "database: %s (SQLSTATE %s)" % (line(str(error)), error.sqlstate))
    return None


def span(duration):
    """Writes a duration without the zero parts that Go keeps."""
    return re.sub("(?<=[hm])(0m)?0s$", "", str(duration))


def line(text):
    return " ".join(text.split())


class Database:
    """The connections of this worker."""

    def __init__(self):
        self.options = {
            **place(SERVICES["database"]),
            "user": "bench",
            "database": "shop",
            "password": "",  # or it is looked for in a person's files
            "ssl": False,
            "command_timeout": QUERY_TIMEOUT.seconds or None,
            "statement_cache_size": 100 if DB["statement_cache"] else 0,  # 100 is asyncpg's own
        }
        self.pool = self.filled = None
        self.kept = set()  # what no handler waits for any more, or gives back
        counts.starts.append(self.start)

    def start(self):
        if not DB["per_request"]:
            self.pool = asyncpg.create_pool(min_size=DB["min_idle"], max_size=DB["pool"], max_queries=DB["max_uses"] or 2**62, **self.options)
            self.filled = asyncio.get_running_loop().create_task(self.fill())

    async def fill(self):
        """Opens the first connections. The worker serves before that; that it failed is told, and requests try again."""
        try:
            await self.pool
        except Exception as error:
            fault(error)
            tell("opening %d connections to the database" % DB["min_idle"], error)

    async def take(self):
        if self.pool is None:
            return await asyncpg.connect(timeout=ACQUIRE_TIMEOUT.seconds, **self.options)
        if not self.filled.done():
            await asyncio.wait({self.filled}, timeout=ACQUIRE_TIMEOUT.seconds)
            if not self.filled.done():
                raise asyncio.TimeoutError
        return await self.pool.acquire(timeout=ACQUIRE_TIMEOUT.seconds)

    async def give_back(self, connection):
        try:
            await (connection.close() if self.pool is None else self.pool.release(connection))
        finally:
            move(IN_USE, -1)

    def later(self, connection):
        """Takes back a connection whose statement is being cancelled, which may take long, when that is done."""

        def done(task):
            self.kept.discard(task)
            if task.exception():
                tell("giving a connection back", task.exception())

        task = asyncio.get_running_loop().create_task(self.give_back(connection))
        self.kept.add(task)
        task.add_done_callback(done)


def tell(what, error):
    print("%s: %s: %s" % (what, type(error).__name__, error), file=sys.stderr, flush=True)


class Taken:
    """A connection for a block of a handler. What fails in the block becomes the response that it means."""

    __slots__ = ("connection", "waited", "kept")

    def __init__(self):
        self.kept = False

    async def __aenter__(self):
        asked = time.monotonic_ns()
        try:
            self.connection = await database.take()
        except asyncio.TimeoutError:
            counts.numbers[ACQUIRE_TIMEOUTS] += 1
            raise Refused(503, "no free connection within " + span(ACQUIRE_TIMEOUT)) from None
        except Exception as error:
            raise (fault(error) or error) from None
        finally:
            waited = time.monotonic_ns() - asked
            counts.numbers[WAIT + bucket(waited)] += 1
        self.waited = waited if DB["slow_log_from"] == "acquire" else 0
        counts.numbers[ACQUIRES] += 1
        move(IN_USE, 1)
        return self

    async def __aexit__(self, _kind, error, _trace):
        if not self.kept:
            try:
                if isinstance(error, asyncio.TimeoutError):
                    database.later(self.connection)
                else:
                    await database.give_back(self.connection)
            except Exception as failed:
                if error is None:
                    raise (fault(failed) or failed) from None
        means = fault(error)
        if means:
            raise means from None

    def keep(self):
        """Does not give the connection back, as code does that forgets to."""
        counts.numbers[LEAKED] += 1
        database.kept.add(self.connection)
        self.kept = True

    def fetch(self, query, *args):
        return self.watched(self.connection.fetch(query, *args))

    def fetchrow(self, query, *args):
        return self.watched(self.connection.fetchrow(query, *args))

    def transaction(self):
        counts.numbers[STATEMENTS] += 2  # BEGIN, and COMMIT or ROLLBACK
        return self.connection.transaction()

    def watched(self, running):
        counts.numbers[STATEMENTS] += 1
        return self.timed(running) if SLOW_LOG else running

    async def timed(self, running):
        sent = time.monotonic_ns()
        try:
            return await running
        finally:
            took = time.monotonic_ns() - sent + self.waited
            counts.numbers[SLOW] += took > SLOW_LOG


database = Database()
