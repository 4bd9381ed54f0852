"""What stops a start."""

from __future__ import annotations


class StartError(Exception):
    """A start failed for a reason that a person can mend. The message is one sentence for that person."""


class Interrupted(Exception):  # noqa: N818  # it is no error: somebody asked to stop
    """Somebody asked to stop while a part was still starting."""
