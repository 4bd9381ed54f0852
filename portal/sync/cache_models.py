"""The table of kept answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, Moment, str255


class CachedAnswer(Base):
    """An answer of Buildium that may be used again until `expires_at`."""

    __tablename__ = "buildium_api_cache"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    endpoint: Mapped[str255]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    response_data: Mapped[Any | None] = mapped_column(JSONB)
    expires_at: Mapped[Moment]
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("idx_buildium_cache_endpoint", "endpoint", "parameters", unique=True),
        Index("idx_buildium_cache_expires", "expires_at"),
    )
