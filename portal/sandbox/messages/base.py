"""What every request message has in common, and the field types they are made of."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


class Message(BaseModel):
    """A request body. Unknown fields are refused and nothing is converted (`additionalProperties: false`)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _real_date(text: str) -> str:
    if len(text) != len("YYYY-MM-DD"):
        raise ValueError("must be formatted as YYYY-MM-DD")
    date.fromisoformat(text)
    return text


Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
IsoDate = Annotated[str, AfterValidator(_real_date)]
NonEmpty = Annotated[str, StringConstraints(min_length=1)]
LongText = Annotated[str, StringConstraints(max_length=65_535)]
