"""The slow service that the application calls: httpx, used as its users do, with what is set and counted around it."""

import asyncio
import math
import time

import httpcore._async.connection_pool
import httpx

from benchtop_counts import PLACES, bucket, counts
from benchtop_table import SERVICES, SETTINGS, Duration, Refused

CLIENT = SETTINGS["client"]
TIMEOUT, BUDGET = Duration(CLIENT["timeout"]), Duration(CLIENT["budget"])
URL = "http://%s/call" % SERVICES["upstream"]
IDLE_FOR = 30  # seconds that a client keeps an idle connection

SENT, FAILED, TIMEOUTS, REJECTED = (PLACES["calls_" + n] for n in ("sent", "failed", "timeouts", "rejected"))
CONNECTS, CHANGES, IN_FLIGHT, STATE = (PLACES["calls_" + n] for n in ("connects", "breaker_changes", "in_flight", "breaker"))
PEAK, WAIT = PLACES["calls_in_flight_peak"], PLACES["calls_wait"]

CLOSED, HALF_OPEN, OPEN = range(3)


class Backend(httpcore._async.connection_pool.AutoBackend):
    """What opens connections for httpx. It counts them."""

    async def connect_tcp(self, *args, **named):
        stream = await super().connect_tcp(*args, **named)
        counts.numbers[CONNECTS] += 1
        return stream


httpcore._async.connection_pool.AutoBackend = Backend  # there is no setting for it


class Breaker:
    """A circuit breaker. Closed, it counts failures in a row; open, it rejects; after a while it is half open and lets one call
    through. What ends after its state has changed does not count.
    """

    def __init__(self, most, open_for, clock=time.monotonic_ns):
        self.most, self.open_for, self.clock = most, open_for, clock
        self.state, self.failures, self.trying, self.until, self.changes = CLOSED, 0, False, 0, 0

    def turn(self, state):
        self.state, self.failures, self.trying = state, 0, False
        self.changes += 1
        counts.numbers[CHANGES] += 1
        counts.numbers[STATE] = state

    def admit(self):
        """Gives what end wants of a call that may begin, None of one that may not."""
        if self.state == OPEN and self.clock() >= self.until:
            self.turn(HALF_OPEN)
        if self.state == OPEN or self.trying:
            return None
        self.trying = self.state == HALF_OPEN
        return self.changes

    def end(self, admitted, fine):
        if admitted != self.changes:
            return
        self.failures = 0 if fine else self.failures + 1
        if fine and self.state == HALF_OPEN:
            self.turn(CLOSED)
        elif not fine and (self.state == HALF_OPEN or self.failures >= self.most):
            self.until = self.clock() + self.open_for
            self.turn(OPEN)


def new_client():
    limits = httpx.Limits(max_connections=CLIENT["connections"] or None, max_keepalive_connections=CLIENT["idle"], keepalive_expiry=IDLE_FOR)
    return httpx.AsyncClient(limits=limits, trust_env=False)  # nothing of a person's files


shared = permits = None
breaker = Breaker(CLIENT["breaker"], CLIENT["open_for"]) if CLIENT["breaker"] else None


def start():
    """Makes what the requests of a worker share, on its loop."""
    global shared, permits
    if CLIENT["shared"]:
        shared = new_client()
    if CLIENT["limit"]:
        permits = asyncio.Semaphore(CLIENT["limit"])


counts.starts.append(start)


class Calls:
    """The calls of one request. Each gives None, or the Refused that its failure means."""

    async def __aenter__(self):
        self.client = shared or new_client()
        self.ends = time.monotonic_ns() + BUDGET if BUDGET else None
        return self

    async def __aexit__(self, *_):
        if self.client is not shared:
            await self.client.aclose()

    def left(self):
        """The seconds that are left of the budget; None: there is none."""
        return self.ends and max(0, self.ends - time.monotonic_ns()) / 1e9

    def late(self, of_budget):
        counts.numbers[TIMEOUTS] += 1
        if of_budget:
            return Refused(504, "the budget of %s is used up" % BUDGET)
        return Refused(504, "no response of the upstream within %s" % TIMEOUT)

    async def call(self):
        if permits is None:
            return await self.admitted()
        asked = time.monotonic_ns()
        try:
            await (asyncio.wait_for(permits.acquire(), self.left()) if self.ends else permits.acquire())
        except asyncio.TimeoutError:
            return self.late(True)
        finally:
            counts.numbers[WAIT + bucket(time.monotonic_ns() - asked)] += 1
        try:
            return await self.admitted()
        finally:
            permits.release()

    async def admitted(self):
        if breaker is None:
            return await self.send()
        admitted = breaker.admit()
        if admitted is None:
            counts.numbers[REJECTED] += 1
            return Refused(503, "the circuit breaker is open")
        failure = Refused(502, "it was given up")
        try:
            failure = await self.send()
        finally:
            breaker.end(admitted, failure is None)
        return failure

    async def send(self):
        numbers = counts.numbers
        numbers[SENT] += 1
        numbers[IN_FLIGHT] += 1
        counts.reach(PEAK, numbers[IN_FLIGHT])
        failure = Refused(502, "it was given up")
        try:
            failure = await self.ask()
        finally:
            counts.reach(PEAK, numbers[IN_FLIGHT])  # the lab may have begun a new mark
            numbers[IN_FLIGHT] -= 1
            numbers[FAILED] += failure is not None
        return failure

    async def ask(self):
        seconds, headers = self.left(), {}
        of_budget = seconds is not None and not 0 < TIMEOUT.seconds < seconds
        if not of_budget:
            seconds = TIMEOUT.seconds or None
        if CLIENT["hand_on"] and seconds is not None:
            headers["X-Timeout-Ms"] = "%d" % max(1, math.floor(seconds * 1000))
        try:
            response = await self.client.get(URL, headers=headers, timeout=seconds)
        except httpx.TimeoutException:
            return self.late(of_budget)
        except httpx.HTTPError as error:
            return Refused(502, "upstream: %s: %s" % (type(error).__name__, " ".join(str(error).split())))
        if response.status_code == 504:  # the upstream knows the time, and may be the first to see that it is over
            return self.late(of_budget)
        if response.status_code >= 400:
            return Refused(502, "the upstream responded %d" % response.status_code)
        return None
