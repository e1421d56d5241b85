"""Serve a folder to this machine alone."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORT = 8000


@dataclass(frozen=True)
class Server:
    """A running server; stop it with `stop`, or use it in a `with` block."""

    address: str
    _http: ThreadingHTTPServer
    _thread: threading.Thread

    def wait(self) -> None:
        """Return when the server has stopped."""
        self._thread.join()

    def stop(self) -> None:
        """Stop serving and free the port."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve(folder: Path, *, port: int = PORT) -> Server:
    """Serve a folder on 127.0.0.1, in the background and without a log.

    Parameters
    ----------
    folder : what to serve.
    port : the port to take if it is free; else any free one.

    Returns
    -------
    The running server; its `address` ends in a slash.

    Raises
    ------
    NotADirectoryError : there is no such folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"nothing to serve: {folder} is not a folder; build the site first")
    handler = partial(_Handler, directory=str(folder))
    try:
        http = _Http(("127.0.0.1", port), handler)
    except OSError:
        http = _Http(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    return Server(f"http://127.0.0.1:{http.server_port}/", http, thread)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    # On Windows this option would let two servers share a port.
    allow_reuse_address = os.name == "posix"


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # one connection for many pictures
    extensions_map = {  # noqa: RUF012  the base class declares it so
        **SimpleHTTPRequestHandler.extensions_map,
        # A machine's own table may lack these, or call scripts plain text.
        ".js": "text/javascript",
        ".webp": "image/webp",
        ".woff": "font/woff",
        ".woff2": "font/woff2",
        ".wasm": "application/wasm",
    }

    def end_headers(self) -> None:
        # The folders of widgets and of Pyodide are named by their content; all else may change with the next
        # build.
        unchanging = self.path.startswith("/_widgets/") or "/lite/static/pyodide-" in self.path
        self.send_header("Cache-Control", "max-age=31536000, immutable" if unchanging else "no-cache")
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory, "404.html")
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code, message)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass
