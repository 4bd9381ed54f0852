"""Python imports this module when it starts with this folder in its PYTHONPATH: workers push naively then."""

from __future__ import annotations

import sys

if "worker" in sys.orig_argv:
    from tests.chaos.naive.push import install

    install()
