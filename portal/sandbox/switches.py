"""What can be turned while the program runs: limits, rights, webhooks, and what MAPPING §11 lists as not stated."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from portal.sandbox.config import SandboxConfig

Right = Literal["None", "View", "View+Edit", "View+Edit+Delete"]
Seconds = Annotated[float, Field(ge=0)]


def _date_or_nothing(text: str) -> str:
    if text:
        date.fromisoformat(text)
    return text


# The last locked day; empty for none.
LockDate = Annotated[str, AfterValidator(_date_or_nothing)]


class Switches(BaseModel):
    """Current settings. Assigning validates; the control API reads and patches exactly these names."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    rate_limit: Annotated[int, Field(ge=1)] | None = 10
    retry_after: Literal["none", "seconds", "date"] = "none"
    key_works: bool = True
    permissions: dict[str, Right] = Field(default_factory=dict)

    schema_status: Literal[400, 422] = 400
    length_status: Literal[400, 422] = 422
    missing_parent_status: Literal[404, 422] = 404
    unique_ignores_case: bool = False
    contains_ignores_case: bool = True
    unstable_order: bool = False
    unmasked_digits: Annotated[int, Field(ge=0)] = 4
    sub_accounts_at_top: bool = False
    unit_events_on_cascade: bool = False
    fixed_lease_needs_end: bool = True
    expired_leases_stay_active: bool = False
    overlapping_leases: Literal["allow", "refuse"] = "allow"
    tenant_twice: Literal["allow", "refuse"] = "refuse"
    company_entity_id: int = 1
    due_date_may_equal_date: bool = False
    omitted_bill_lines: Literal["removed", "kept"] = "removed"
    bill_conflict_status: Literal[409, 422] = 409
    bill_events_on_payment: bool = False
    unique_check_numbers: bool = False
    lock_date: LockDate = "2023-12-31"
    work_order_follows_task: bool = True

    system_vendor_categories: Literal["open", "locked"] = "open"
    task_history_on_create: bool = True
    task_history_on_update: bool = True
    # How long a file takes to appear, how long its addresses work, how many bytes it may have, and which endings of
    # its name are refused. Buildium publishes neither of the last two; these are the sandbox's own.
    file_delay: Seconds = 0.2
    file_ticket_seconds: Seconds = 300.0
    file_size_limit: Annotated[int, Field(ge=0)] = 25_000_000
    refused_file_types: str = "bat,cmd,com,cpl,exe,hta,js,jse,msi,pif,ps1,scr,vbe,vbs,wsf"

    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_sending: bool = True
    webhook_delay: Seconds = 0.05
    webhook_timeout: Annotated[float, Field(gt=0)] = 10.0
    webhook_retry_scale: Seconds = 1.0
    webhook_timestamp: Literal["seconds", "milliseconds"] = "seconds"
    webhook_suspend_after: Annotated[int, Field(ge=1)] = 20

    @classmethod
    def of(cls, config: SandboxConfig) -> Switches:
        """The settings a start begins with."""
        return cls(
            rate_limit=config.rate or None,
            webhook_url=config.webhook_url,
            webhook_secret=config.webhook_secret,
            webhook_delay=config.webhook_delay,
            webhook_retry_scale=config.webhook_retry_scale,
        )
