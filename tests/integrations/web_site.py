"""A real web site on a local port, which may be down, slow, or odd."""

import gzip
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(kw_only=True)
class Reply:
    """What a path answers."""

    body: bytes = b""
    status: int = 200
    media_type: str | None = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0

    @classmethod
    def packed(cls, body: bytes) -> "Reply":
        """Compressed on its way."""
        return cls(body=gzip.compress(body, 1), headers={"Content-Encoding": "gzip"})


@dataclass(kw_only=True)
class Site:
    """Its pages by path, and who asked for them."""

    url: str = ""
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    at_once: int = 0
    """The most requests that were under way at the same time."""
    _under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, path: str, text: str) -> None:
        """A small page of HTML."""
        self.replies[path] = Reply(body=f"<title>{path}</title><main><h1>Page {path}</h1><p>{text}</p></main>".encode())

    def sitemap(self, path: str, *paths: str, kind: str = "urlset", packed: bool = False) -> None:
        """A sitemap of these paths, or an index of sitemaps."""
        inner = "url" if kind == "urlset" else "sitemap"
        listed = "".join(
            f"<{inner}><loc>{it if it.startswith('http') else self.url + it}</loc></{inner}>" for it in paths
        )
        text = f'<?xml version="1.0"?><{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</{kind}>'
        body = gzip.compress(text.encode()) if packed else text.encode()
        self.replies[path] = Reply(body=body, media_type="application/gzip" if packed else "application/xml")

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answers one request."""
        with self._lock:
            self.asked[handler.path] += 1
            self._under_way += 1
            self.at_once = max(self.at_once, self._under_way)
        try:
            self._send(handler, self.replies.get(handler.path, Reply(status=404, body=b"none")))
        finally:
            with self._lock:
                self._under_way -= 1

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        time.sleep(reply.delay_s)
        handler.send_response(reply.status)
        if reply.media_type is not None:
            handler.send_header("Content-Type", reply.media_type)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        with suppress(OSError):
            handler.wfile.write(reply.body)


@contextmanager
def web_site() -> Iterator[Site]:
    """A site without pages; it allows everything."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
