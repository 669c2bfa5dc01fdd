"""Orders done beside the requests: by a thread of this process, at most one.

When the process ends, so does the thread; then the next process to look goes on, be it the
scheduler or another one that serves the panel.
"""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask, current_app

from zeeguu_gamify.jobs import orders
from zeeguu_gamify.mount import Mount, current_mount

_lock = threading.Lock()
_working: dict[int, threading.Thread] = {}


def go_on(_mount: Mount | None = None) -> None:
    """See to it that what is ordered is being done."""
    start(_app())


def _app() -> Flask:
    proxy: Any = current_app
    app: Flask = proxy._get_current_object()
    return app


def start(app: Flask) -> threading.Thread:
    """The thread that does it, which may be there already."""
    with _lock:
        thread = _working.get(id(app))
        if thread is None or not thread.is_alive():
            thread = threading.Thread(target=_work, args=(app,), name="gamify-orders", daemon=True)
            _working[id(app)] = thread
            thread.start()
    return thread


def _work(app: Flask) -> None:
    """Until nothing is left that this process could do."""
    with app.app_context():
        mount = current_mount()
        orders.run_waiting(mount)
