"""The compression of responses: starlette's own middleware, on the event loop, or the same work in a thread of AnyIO's pool.
What it compresses is counted.
"""

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware, GZipResponder

from benchtop_counts import PLACES, counts
from benchtop_table import SETTINGS

GZIP = SETTINGS["gzip"]
RESPONSES, BEFORE, AFTER = (PLACES["gzip_" + name] for name in ("responses", "bytes_before", "bytes_after"))


def around(app):
    """Wraps an ASGI application with the compression that the settings say."""
    return Compressed(app, minimum_size=GZIP["min_length"], compresslevel=GZIP["level"])


class Compressed(GZipMiddleware):
    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or "gzip" not in Headers(scope=scope).get("Accept-Encoding", ""):
            await self.app(scope, receive, send)
            return
        await RESPONDERS[GZIP["where"]](self.app, self.minimum_size, self.compresslevel)(scope, receive, send)


class OnLoop(GZipResponder):
    """starlette's own, which is counted."""

    given = 0  # bytes that came from the application and were not counted

    async def __call__(self, scope, receive, send):
        compressed, numbers = False, counts.numbers

        async def counted(message):
            nonlocal compressed
            if message["type"] == "http.response.start":
                compressed = not self.content_encoding_set and "content-encoding" in Headers(raw=message["headers"])
                numbers[RESPONSES] += compressed
            elif compressed:
                numbers[BEFORE] += self.given
                numbers[AFTER] += len(message["body"])
                self.given = 0
            await send(message)

        await super().__call__(scope, receive, counted)

    async def send_with_gzip(self, message):
        self.given += len(message.get("body", b""))
        await super().send_with_gzip(message)


class InPool(OnLoop):
    """What starlette's does, but for where it compresses."""

    plain = False

    async def send_with_gzip(self, message):
        if message["type"] == "http.response.start":
            self.initial_message = message
            self.content_encoding_set = "content-encoding" in Headers(raw=message["headers"])
            return
        body, more, first = message.get("body", b""), message.get("more_body", False), not self.started
        if first:
            self.started = True
            self.plain = self.content_encoding_set or len(body) < self.minimum_size and not more
        if not self.plain:
            self.given += len(body)
            body = await run_in_threadpool(self.compress, body, not more)
            message = {**message, "body": body}
        if first:
            if not self.plain:
                headers = MutableHeaders(raw=self.initial_message["headers"])
                headers["Content-Encoding"] = "gzip"
                headers.add_vary_header("Accept-Encoding")
                if more:
                    del headers["Content-Length"]
                else:
                    headers["Content-Length"] = str(len(body))
            await self.send(self.initial_message)
        await self.send(message)

    def compress(self, body, last):
        self.gzip_file.write(body)
        if last:
            self.gzip_file.close()
        out = self.gzip_buffer.getvalue()
        self.gzip_buffer.seek(0)
        self.gzip_buffer.truncate()
        return out


RESPONDERS = {"loop": OnLoop, "pool": InPool}
