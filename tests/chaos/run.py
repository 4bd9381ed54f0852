"""One run: a company, a plan, the settling, and the verdict."""

from __future__ import annotations

import random
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.company import Company, records_there, rows_here, running
from tests.chaos.erased import erased
from tests.chaos.history import read_books
from tests.chaos.kinds import KINDS, Body
from tests.chaos.log import Entry, Log
from tests.chaos.oracle import INVARIANTS, Evidence, Finding, judge
from tests.chaos.pairs import unpaired
from tests.chaos.performance import perform
from tests.chaos.plan import Plan
from tests.chaos.settling import Left, Settling

BOOKS = ("audit_log", "buildium_api_log", "buildium_sync_status", "buildium_webhook_events", "lease_tenants")
Both = tuple[dict[str, dict[str, Body]], dict[tuple[str, int], Body]]


@dataclass
class Verdict:
    plan: Plan
    findings: list[Finding]
    entries: list[Entry]
    evidence: Evidence
    seconds: dict[str, float] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    @property
    def broken(self) -> list[Finding]:
        return [each for each in self.findings if each.what in INVARIANTS]


def run(
    plan: Plan,
    template: Path,
    log_path: Path | None = None,
    place: Path | None = None,
    *,
    keep: bool = False,
    naive: bool = False,
) -> Verdict:
    """Carry out the plan on a new company and judge what became of it."""
    log = Log(log_path)
    try:
        with running(template, place, keep=keep, naive=naive) as company:
            verdict = judged(plan, company, log)
            if verdict.broken and log_path:
                keep_books(company, log_path.with_suffix(".books"))
            return verdict
    finally:
        log.close()


def judged(plan: Plan, company: Company, log: Log) -> Verdict:
    before = both(company)
    began = time.monotonic()
    perform(plan, company, log)
    performed = time.monotonic()
    left = Settling(company, log, random.Random(plan.seed)).settle()
    settled = time.monotonic()
    evidence = gathered(company, log)
    findings = judge(evidence) + unpaired(evidence, before[1]) + erased(evidence, *before) + stuck(left)
    seconds = {"performed": performed - began, "settled": settled - performed}
    return Verdict(plan, findings, log.entries, evidence, seconds, calls(company))


def keep_books(company: Company, folder: Path) -> None:
    """What both sides wrote down, for whoever looks into a broken promise: the run can't be had a second time."""
    folder.mkdir(exist_ok=True)
    for table in BOOKS:
        rows = company.query(f"select to_jsonb(each)::text from {table} each")  # names of our own
        (folder / f"{table}.jsonl").write_text("".join(f"{row}\n" for (row,) in rows))
    shutil.copy(company.home / "sandbox" / "journal.jsonl", folder)
    shutil.copytree(company.home / "logs", folder / "logs", dirs_exist_ok=True)


def both(company: Company) -> Both:
    rows = {kind.table: rows_here(company, kind.table) for kind in KINDS.values()}
    return rows, records_there(company, [kind.there for kind in KINDS.values()])


def gathered(company: Company, log: Log) -> Evidence:
    for name in list(company.slots):
        company.slot(name)
    rows, there = both(company)
    states = company.query("select entity_type, entity_id, sync_status from buildium_sync_status")
    words = {(kind, key): state for kind, key, state in states}
    return Evidence(company.slots, log.entries, read_books(company), rows, there, words)


def calls(company: Company) -> dict[str, int]:
    with company.control as control:
        return dict(control.get("/requests", params={"limit": 1}).json()["by_status"])


def stuck(left: Left) -> list[Finding]:
    found = [Finding("stuck", f"{row[1]} {row[2]}", "", f"{row[4]} ({row[8]}): {row[9]}") for row in left.rows]
    found += [Finding("stuck", f"event {number}", "", state) for number, state in left.events]
    return found + ([Finding("stuck", "runs", "", f"{left.runs} runs are open")] if left.runs else [])
