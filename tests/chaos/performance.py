"""Carrying out a plan: everybody works in a thread of their own, at the times that the plan says."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.chaos.company import Company
from tests.chaos.faults import FAULTS, Scene
from tests.chaos.log import ACCEPTED, SKIPPED, UNKNOWN, Entry, Log
from tests.chaos.people import Author, Clerk
from tests.chaos.plan import Plan, Step

Act = Callable[[Step], None]


def perform(plan: Plan, company: Company, log: Log) -> None:
    """Do every step of the plan. Steps of one name follow each other; a late one begins at once."""
    acts = {name: actor(name, company, log) for name in sorted({step.who for step in plan.steps})}
    begin = time.monotonic()
    broken: list[BaseException] = []
    threads = [
        threading.Thread(target=work, args=(name, act, plan, begin, broken), daemon=True) for name, act in acts.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]


def work(name: str, act: Act, plan: Plan, begin: float, broken: list[BaseException]) -> None:
    try:
        for step in plan.steps:
            if step.who == name and not broken:
                time.sleep(max(0.0, begin + step.at - time.monotonic()))
                act(step)
    except BaseException as error:
        # A mistake of the harness itself: everybody stops, and the run says so.
        broken.append(error)
        raise


def actor(name: str, company: Company, log: Log) -> Act:
    if name.startswith("person"):
        author = Author(company, name)
        author.sign_in()
        return lambda step: author.act(step, log)
    if name.startswith("buildium"):
        clerk = Clerk(company)
        return lambda step: clerk.act(step, log)
    return lambda step: accident(step, company, log)


def accident(step: Step, company: Company, log: Log) -> None:
    scene = Scene(company, random.Random(step.options["dice"]), step.pause, step.options.get("big", False))
    began = time.time()
    try:
        facts: dict[str, Any] = FAULTS[step.act](scene)
    except (httpx.HTTPError, AssertionError) as error:
        # Another fault at the same moment: the part was away.
        facts = {"missed": f"{type(error).__name__} {error}"[:100]}
    outcome = SKIPPED if "missed" in facts else UNKNOWN if "broken" in facts else ACCEPTED
    log.add(Entry(step.number, step.who, step.act, "", outcome, began, time.time(), facts))
