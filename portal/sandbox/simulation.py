"""The simulated company: its records, switches, webhooks and the record of what was asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache

from portal.sandbox.catalog import RESOURCES
from portal.sandbox.config import SandboxConfig
from portal.sandbox.faults.rules import Faults
from portal.sandbox.journal import Journal
from portal.sandbox.rate import SlidingWindow
from portal.sandbox.requests_log import RequestsLog
from portal.sandbox.sample.portfolio import sample_portfolio
from portal.sandbox.shelf import Shelf
from portal.sandbox.store import Store
from portal.sandbox.switches import Switches
from portal.sandbox.webhooks.courier import Courier
from portal.sandbox.world import World

_INDEXED = {resource.kind: resource.indexes for resource in RESOURCES}
_EVENTS = {resource.kind: resource.event for resource in RESOURCES if resource.event}
# Records never change in place, so starting over can begin with the very same ones.
_sample = lru_cache(maxsize=2)(sample_portfolio)


class Simulation:
    """Everything the pages and the API work on. Raises OSError where the data folder can't be used."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.switches = Switches.of(config)
        self.requests = RequestsLog()
        self.window = SlidingWindow()
        self.faults = Faults()
        self.courier = Courier(self.switches)
        self.shelf = Shelf(config.home / "files" if config.home else None)
        self.store = Store(_INDEXED, Journal(config.home) if config.home else None)
        if not self.store.load():
            self.reset(0 if config.empty else config.size)

    @contextmanager
    def change(self, scope: Mapping[str, int] | None = None) -> Iterator[World]:
        """A transaction; its webhooks are handed to the courier once it is committed."""
        with self.store.transaction() as transaction:
            world = World(transaction, self.switches, _EVENTS, scope)
            yield world
        self.courier.send(world.happenings)

    def reset(self, size: int) -> None:
        """Back to the sample portfolio with `size` units, or to an empty company with 0."""
        self.store.reset(_sample(size, datetime.now(UTC).date()))
        self.shelf.clear()

    def restore_switches(self) -> None:
        for name, value in Switches.of(self.config):
            setattr(self.switches, name, value)

    def close(self) -> None:
        """Stop the courier and give the data folder free."""
        self.faults.clear()
        self.courier.close()
        self.store.close()
