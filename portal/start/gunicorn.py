"""How gunicorn serves the pages: `gunicorn -c python:portal.start.gunicorn wsgi:app`."""

from __future__ import annotations

import gc
import os
from typing import Any

from portal.start.ports import HOST, port

# `portal up` listens itself and hands its socket on: while the web starts again, connections wait and none is refused.
SOCKET = "PORTAL_WEB_SOCKET"
bind = f"fd://{os.environ[SOCKET]}" if SOCKET in os.environ else f"{HOST}:{port(os.environ, 'PORT')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
# Threads read slowly sent requests without holding up the others; none may take longer than this.
timeout = 60
graceful_timeout = 8
keepalive = 5
# Its socket lies in the person's home folder, where two portals would take it from each other.
control_socket_disable = True
proc_name = "portal web"
# A heartbeat in memory doesn't stop when a disk does.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None

# Objects made between two looks for garbage; a page of a list makes tens of thousands.
GARBAGE_THRESHOLD = 50_000


def post_worker_init(worker: Any) -> None:
    """Leave what was loaded at the start out of every later search for garbage: 95th percentile 16 → 5 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 20)


def child_exit(_server: Any, worker: Any) -> None:
    """Give back what the metrics kept for a process that ended."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
