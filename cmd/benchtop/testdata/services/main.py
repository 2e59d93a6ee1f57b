"""The service computes for every response: rounds of SHA-256."""
import hashlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

rounds = 1500


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together

    def do_GET(self):
        digest = bytes(32)
        for _ in range(rounds):
            digest = hashlib.sha256(digest).digest()
        body = digest.hex().encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
