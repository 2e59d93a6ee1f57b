"""What a worker counts for benchtop, in a file that the lab reads, and the two headers of every response.

It is made to be hardly felt: a count is an addition in mapped memory, about 0.1 microseconds; no lock, no system call,
no middleware of the framework. All counts are changed on the event loop's thread alone.
"""

import asyncio
import mmap
import os
import struct
import sys
import time
import traceback

from benchtop_table import NAMED

# The file: MAGIC, process id, names of the loop and the parser, then 64-bit numbers of this machine: what every worker
# counts, a histogram of the loop's lag, and what the table names. Of a peak there are two numbers, its height and the
# mark in which it was reached; the lab alone changes MARK.
MAGIC = b"BTCOUNT2"
HEAD = struct.Struct("=8sQ24s24s")
SERVED, STARTED, FINISHED, ACCEPTED, CLOSED, REJECTED, MARK, LAG = range(8)
BUCKETS = 448  # of a histogram
PLACES, LENGTH = {}, LAG + BUCKETS
for group, width in (("counters", 1), ("levels", 1), ("peaks", 2), ("histograms", BUCKETS)):
    for name in NAMED[group]:
        PLACES[name] = LENGTH
        LENGTH += width
SIZE = HEAD.size + 8 * LENGTH

# The loop is asked how late it is this often, in seconds: while it answers requests, and while it does not.
BUSY, IDLE = 0.010, 0.100

PROTOCOLS = {
    "h11": ("uvicorn.protocols.http.h11_impl", "H11Protocol"),
    "httptools": ("uvicorn.protocols.http.httptools_impl", "HttpToolsProtocol"),
}


def bucket(ns):
    """The place of a lag: one per microsecond up to 16, then sixteen for each power of two."""
    us = ns // 1000
    if us < 16:
        return us
    power = us.bit_length() - 1
    return min(16 * power - 48 + ((us >> (power - 4)) & 15), BUCKETS - 1)


class Counts:
    """The counts of this worker. They begin when the server has set itself up, with the startup of the lifespan."""

    def __init__(self):
        self.pid = os.getpid()
        self.starts = []  # called when the worker begins, on its loop
        self.numbers = memoryview(bytearray(8 * LENGTH)).cast("Q")

    def served(self):
        return self.numbers[SERVED]

    def in_flight(self):
        return self.numbers[STARTED] - self.numbers[FINISHED]

    def accepted(self):
        return self.numbers[ACCEPTED]

    def open(self):
        return self.numbers[ACCEPTED] - self.numbers[CLOSED]

    def value(self, name):
        """What is counted under a name of the table; of a peak what was reached since the lab's last mark."""
        place, numbers = PLACES[name], self.numbers
        return 0 if name in NAMED["peaks"] and numbers[place + 1] != numbers[MARK] else numbers[place]

    def reach(self, place, height):
        """Raises a peak: the greatest height since the lab's last mark, which begins a new one."""
        numbers = self.numbers
        if numbers[place + 1] != numbers[MARK] or numbers[place] < height:
            numbers[place], numbers[place + 1] = height, numbers[MARK]

    def around(self, app, apart=False):
        """Wraps an ASGI application: it counts, and marks every response with this worker and this run. apart says that there is a
        middleware in it which sends the end of a response in a message of its own: a client that has the whole body may be gone
        before, and the message never comes.
        """
        numbers, headers = None, None

        async def counted(scope, receive, send):
            nonlocal numbers, headers
            if scope["type"] != "http":
                if scope["type"] == "lifespan":
                    try:
                        headers = self.begin()
                        numbers = self.numbers
                        for start in self.starts:
                            start()
                    except Exception:  # the server would take what is raised here for no lifespan at all
                        await send({"type": "lifespan.startup.failed", "message": traceback.format_exc()})
                        return
                await app(scope, receive, send)
                return

            def marked(message):
                if message["type"] == "http.response.start":
                    message["headers"] = [*message.get("headers", ()), *headers]
                elif not message.get("more_body"):
                    numbers[SERVED] += 1  # before the client can have seen the end of the response
                return send(message)

            numbers[STARTED] += 1
            try:
                await app(scope, receive, self.by_length(marked, send) if apart else marked)
            finally:
                numbers[FINISHED] += 1

        return counted

    def by_length(self, marked, send):
        """Counts a response whose length is known when the last of its body is sent, as marked does at its end."""
        left, over = 0, False

        def told(message):
            nonlocal left, over
            if over:
                return send(message)
            if message["type"] == "http.response.start":
                left = next((int(value) for name, value in message.get("headers", ()) if name == b"content-length"), 0)
            elif left:
                left -= len(message.get("body", b""))
                if not left:
                    over = True
                    self.numbers[SERVED] += 1
                    return send(message)
            return marked(message)

        return told

    def begin(self):
        self.pid = os.getpid()
        headers = [
            (b"x-benchtop-worker", str(self.pid).encode()),
            (b"x-benchtop-run", os.environ.get("BENCHTOP_MARK", "").encode()),
        ]
        parser = self.count_connections(headers)
        folder = os.environ.get("BENCHTOP_COUNTS")
        if folder:
            self.map(folder, parser)
        self.probe()
        return headers

    def map(self, folder, parser):
        path = os.path.join(folder, "%d.counts" % self.pid)
        with open(path + ".new", "w+b") as file:
            file.truncate(SIZE)
            memory = mmap.mmap(file.fileno(), SIZE)
        loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
        memory[: HEAD.size] = HEAD.pack(MAGIC, self.pid, loop.encode(), parser.encode())
        self.numbers = memoryview(memory)[HEAD.size :].cast("Q")
        os.rename(path + ".new", path)  # the lab sees it whole

    def count_connections(self, headers):
        """Counts once per connection, in the protocol classes that the server has loaded. Gives the parser's name."""
        found = []
        for name, (module, attribute) in PROTOCOLS.items():
            module = sys.modules.get(module)
            if module is None:
                continue
            found.append(name)
            self.wrap_protocol(getattr(module, attribute))
            if hasattr(module, "service_unavailable"):
                module.service_unavailable = self.rejecting(module.service_unavailable, headers)
        # Where both are loaded, the one that `auto` prefers is in use.
        return found[-1] if found else "?"

    def wrap_protocol(self, protocol):
        made, lost = protocol.connection_made, protocol.connection_lost

        def connection_made(protocol, transport):
            self.numbers[ACCEPTED] += 1
            made(protocol, transport)

        def connection_lost(protocol, exc):
            self.numbers[CLOSED] += 1
            lost(protocol, exc)

        protocol.connection_made = connection_made
        protocol.connection_lost = connection_lost

    def rejecting(self, unavailable, headers):
        """The response of a server whose limit_concurrency is reached: it never gets to the application."""

        async def rejected(scope, receive, send):
            def marked(message):
                if message["type"] == "http.response.start":
                    message["headers"] = [*message.get("headers", ()), *headers]
                elif not message.get("more_body"):
                    self.numbers[SERVED] += 1
                    self.numbers[REJECTED] += 1
                return send(message)

            await unavailable(scope, receive, marked)

        return rejected

    def probe(self):
        """Measures how late the loop comes to what is due: every 10 ms while requests come in, else every 100 ms."""
        loop, clock = asyncio.get_running_loop(), time.monotonic_ns
        due, seen = 0, 0

        def look():
            nonlocal due, seen
            now = clock()
            if due:
                self.numbers[LAG + bucket(max(now - due, 0))] += 1
            started = self.numbers[STARTED]
            pause = BUSY if started != seen else IDLE
            seen = started
            due = now + int(pause * 1e9)
            loop.call_later(pause, look)

        look()


counts = Counts()
