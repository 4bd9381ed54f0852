"""What can be turned while the program runs: limits, rights, webhooks, and what MAPPING §11 lists as not stated."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from portal.sandbox.config import SandboxConfig

Right = Literal["None", "View", "View+Edit", "View+Edit+Delete"]
Seconds = Annotated[float, Field(ge=0)]


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
