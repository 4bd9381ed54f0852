"""Where templates/, static/ and migrations/ are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path


def resource_root() -> Path:
    """The folder that holds templates/, static/ and migrations/. Raises RuntimeError for a broken installation."""
    package = Path(__file__).resolve().parent
    for root in (package, package.parent):
        if (root / "templates").is_dir() and (root / "static").is_dir():
            return root
    raise RuntimeError("templates/ and static/ are missing: the installation is broken; install the portal again")
