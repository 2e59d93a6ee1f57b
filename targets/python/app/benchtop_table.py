"""The table of the endpoints: their parameters with bounds and defaults, as benchtop has written them into a file here.

A parameter is read, and a wrong one refused, word for word as the server does that is built into benchtop.
"""

import inspect
import json
import keyword
import os
import re
import unicodedata
from urllib.parse import unquote_to_bytes

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "endpoints.json"), encoding="utf-8") as file:
    TABLE = json.load(file)

# Where the services of the target listen, by name: host:port, or unix: and a path.
SERVICES = TABLE["services"]

# What the server's settings say, by group: every key with its value, durations in nanoseconds.
SETTINGS = TABLE["settings"]

# What this worker counts besides, by group, in the order of its places.
NAMED = TABLE["named"]

# Those of them that /metrics has: the name here, and there the name, the kind and the text.
METRICS = [(row["count"], row["name"], row["kind"], row["doc"]) for row in TABLE["metrics"]]

UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
STEP = re.compile(r"([0-9]{0,999})(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
NUMBER = re.compile(r"[+-]?[0-9]{1,999}")
SIZE = re.compile(r"([0-9]{1,999})([^0-9]*)")
SIZES = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
BROKEN = re.compile(rb"%(?![0-9a-fA-F]{2})")


class Refused(Exception):
    """A request that gets an error: its status and text."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status, self.text = status, text


class Duration(int):
    """Nanoseconds, written as Go writes them."""

    @property
    def seconds(self):
        return self / 1e9

    def __str__(self):
        if self == 0:
            return "0s"
        for unit in ("ns", "µs", "ms"):
            if self < 1000 * UNITS[unit]:
                return fraction(self, UNITS[unit]) + unit
        minutes, rest = divmod(int(self), UNITS["m"])
        text = fraction(rest, UNITS["s"]) + "s"
        if minutes:
            hours, minutes = divmod(minutes, 60)
            text = "%dm%s" % (minutes, text)
            if hours:
                text = "%dh%s" % (hours, text)
        return text


def fraction(ns, unit):
    whole, rest = divmod(int(ns), unit)
    if not rest:
        return str(whole)
    return "%d.%s" % (whole, str(rest).zfill(len(str(unit)) - 1).rstrip("0"))


def duration(text):
    """Reads a duration such as 5ms or 1m30s; None if it is none."""
    sign, unsigned = (-1, text[1:]) if text[:1] == "-" else (1, text[1:] if text[:1] == "+" else text)
    if unsigned == "0":
        return Duration(0)
    total, at = 0, 0
    while at < len(unsigned):
        step = STEP.match(unsigned, at)
        if step is None or not (step[1] or step[2]):
            return None
        unit = UNITS[step[3]]
        total += int(step[1] or 0) * unit
        if step[2]:
            digits = step[2][:18]
            total += int(int(digits) * (unit / 10 ** len(digits)))  # floating point, as Go computes it
        at = step.end()
    return Duration(sign * total) if at else None


def number(text):
    return int(text) if NUMBER.fullmatch(text) else None


def size(text):
    """Reads a number of bytes such as 512 or 64KiB; None if it is none."""
    parts = SIZE.fullmatch(text)
    return int(parts[1]) * SIZES[parts[2]] if parts and parts[2] in SIZES else None


READ = {"int": number, "duration": duration, "size": size}


def plain(text, low, high):
    return not any("\udc80" <= c <= "\udcff" or unicodedata.category(c) == "Cc" for c in text) and low <= len(text.encode()) <= high


class Parameter:
    def __init__(self, row):
        self.name, self.type, self.allowed = row["name"], row["type"], row["allowed"]
        self.low, self.high, self.words = row["min"], row["max"], row.get("words") or []
        self.argument = self.name + "_" if keyword.iskeyword(self.name) else self.name
        self.default = {"word": (self.words or [""])[0], "text": "", "duration": Duration(row["default"])}.get(self.type, row["default"])

    def read(self, text):
        """Gives the value, and whether it is allowed."""
        if self.type == "word":
            return text, text in self.words
        if self.type == "text":
            return text, plain(text, self.low, self.high)
        value = READ[self.type](text)
        return value, value is not None and self.low <= value <= self.high

    def parse(self, text):
        value, fine = self.read(text)
        if not fine:
            hint = did_you_mean(text, self.words)
            raise Refused(400, "bad request: %s is %s, %sallowed is %s" % (self.name, quoted(text, 40), hint, self.allowed))
        return value


class Endpoint:
    """A row of the table with its handlers, which are called with the parameters by their names."""

    def __init__(self, row):
        self.path, self.known, self.lacks = row["path"], row["known"], row["lacks"]
        self.takes_body, self.limit = row["body"] > 0, row["limit"]
        self.parameters = {p["name"]: Parameter(p) for p in row["params"]}
        self.defaults = {p.argument: p.default for p in self.parameters.values()}
        self.on_loop = self.in_pool = None  # the handlers
        self.route = {}  # what FastAPI is told of its routes

    def arguments(self, query):
        """Reads the query of a request, bytes. Every parameter may be given once; there are no others."""
        if self.lacks:
            raise Refused(501, self.lacks)
        values, seen = dict(self.defaults), set()
        for pair in query.split(b"&") if query else ():
            if not pair:
                continue
            name, _, text = pair.partition(b"=")
            if (b"%" in text or b"+" in text) and not BROKEN.search(text):
                text = unquote_to_bytes(text.replace(b"+", b" "))
            name, text = name.decode("utf-8", "surrogateescape"), text.decode("utf-8", "surrogateescape")
            parameter = self.parameters.get(name)
            if parameter is None:
                hint = did_you_mean(name, self.parameters)
                raise Refused(400, "bad request: the parameter %s is not known, %s%s" % (quoted(name, 40), hint, self.known))
            if name in seen:
                raise Refused(400, "bad request: the parameter %s is given more than once" % name)
            seen.add(name)
            values[parameter.argument] = parameter.parse(text)
        return values


ENDPOINTS = {row["path"]: Endpoint(row) for row in TABLE["endpoints"]}


def endpoint(path, both=False):
    """Makes a function the handler of an endpoint. One with `async def` serves on the event loop; one with `def` in the
    pool of threads, and on the loop as well if there is no other: it must not wait then. One with `async def` that is both
    waits for a driver that has no other form: a thread of the pool waits while the loop runs it.
    """

    def register(handle):
        row = ENDPOINTS[path]
        names = {*row.defaults, "body"} if row.takes_body else set(row.defaults)
        if set(inspect.signature(handle).parameters) != names:
            raise RuntimeError("the handler %s of %s takes other parameters than its row has: %s" % (handle.__name__, path, sorted(names)))
        if inspect.iscoroutinefunction(handle):
            row.on_loop = handle
            row.in_pool = handle if both else row.in_pool
        else:
            row.in_pool = handle
        return handle

    return register


def not_served(path, prefixes):
    """Says that a path is not served, which one was most likely meant, and all that are."""
    paths = [prefix + known for prefix in ("", *prefixes) for known in ENDPOINTS]
    return "not found: %s is not served, %sallowed: %s" % (quoted(path, 60), did_you_mean(path, paths), TABLE["served"])


ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\", '"': '\\"'}


def quoted(text, limit):
    """The first characters of a text in quotes, as Go's %q writes them."""
    return '"%s"' % "".join(ESCAPES.get(c) or (c if c.isprintable() else escaped(c)) for c in text[:limit])


def escaped(c):
    code = ord(c)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8
        return "\\x%02x" % (code - 0xDC00)
    if code < 0x80:
        return "\\x%02x" % code
    return "\\u%04x" % code if code < 0x10000 else "\\U%08x" % code


def did_you_mean(word, allowed):
    """The beginning of a hint: the word of the list that a misspelt one most likely means. Empty when none is close."""
    best = suggestion(word.encode("utf-8", "surrogateescape").lower(), list(allowed))
    return 'did you mean "%s"? ' % best if best else ""


def suggestion(word, allowed):
    if not 2 <= len(word) <= 64:
        return ""
    best, nearest = "", 1 + max(1, len(word) // 3)
    for other in allowed:
        distance = edits(word, other.lower().encode())
        if distance < nearest:
            best, nearest = other, distance
    if best or len(word) < 3:
        return best
    for other in allowed:
        lower = other.lower().encode()
        if lower.startswith(word) or len(lower) > 2 and word.startswith(lower):
            return other
    return ""


def edits(a, b):
    """The optimal string alignment distance of two short words."""
    before, previous = None, list(range(len(b) + 1))
    for i, x in enumerate(a):
        current = [i + 1]
        for j, y in enumerate(b):
            current.append(min(previous[j + 1] + 1, current[j] + 1, previous[j] + (x != y)))
            if i and j and x == b[j - 1] and a[i - 1] == y:
                current[-1] = min(current[-1], before[j - 1] + 1)
        before, previous = previous, current
    return previous[-1]
