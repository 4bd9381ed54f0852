"""Who owns which property, and with which share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, FetchedValue, ForeignKey, Index, Numeric, Text, false, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, Record, str255

if TYPE_CHECKING:
    from portal.entities.owners.model import Owner
    from portal.entities.properties.model import Property


class Ownership(Record, Base):
    """One owner's share of one property. The shares and `primary` exist here only; the link itself goes to Buildium."""

    __tablename__ = "ownership"
    # Buildium has no such record: the owner is pushed instead (MAPPING §4.4).
    __syncs_through__ = "owner"

    primary: Mapped[bool] = mapped_column(server_default=false())
    ownership_percentage: Mapped[Decimal | None] = mapped_column(Numeric)
    disbursement_percentage: Mapped[Decimal | None] = mapped_column(Numeric)
    # Kept by a trigger.
    owner_name: Mapped[str255 | None] = mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())
    # RESTRICT on both: a share is a fact about money and doesn't vanish with one of its ends.
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("owners.id", ondelete="RESTRICT"))
    property_id: Mapped[UUID] = mapped_column(ForeignKey("properties.id", ondelete="RESTRICT"))

    owner: Mapped[Owner] = relationship(back_populates="ownerships")
    property: Mapped[Property] = relationship(back_populates="ownerships")

    __table_args__ = (
        CheckConstraint("ownership_percentage between 0 and 100", name="ownership_percentage"),
        CheckConstraint("disbursement_percentage between 0 and 100", name="disbursement_percentage"),
        Index("ownership_owner_id_idx", "owner_id"),
        Index("ownership_property_id_idx", "property_id"),
        Index("ownership_owner_id_property_id_key", "owner_id", "property_id", unique=True),
    )

    def __str__(self) -> str:
        return f"{self.owner} of {self.property}"


class OwnersListCache(Base):
    """One row per owner for fast lists. Written by the database alone; `contact_id` stays NULL."""

    __tablename__ = "owners_list_cache"

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("owners.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[int | None] = mapped_column(BigInteger)
    display_name: Mapped[str | None] = mapped_column(Text)
    primary_email: Mapped[str | None] = mapped_column(Text)
    primary_phone: Mapped[str | None] = mapped_column(Text)
    management_agreement_start_date: Mapped[date | None]
    management_agreement_end_date: Mapped[date | None]
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now())


class PropertyOwnershipsCache(Base):
    """One row per ownership with its owner's name. Written by the database alone; `contact_id` stays NULL."""

    __tablename__ = "property_ownerships_cache"

    ownership_id: Mapped[UUID] = mapped_column(ForeignKey("ownership.id", ondelete="CASCADE"), primary_key=True)
    # No foreign keys of their own: both always equal those of the ownership.
    property_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    contact_id: Mapped[int | None] = mapped_column(BigInteger)
    display_name: Mapped[str | None] = mapped_column(Text)
    primary_email: Mapped[str | None] = mapped_column(Text)
    primary: Mapped[bool | None]
    ownership_percentage: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    disbursement_percentage: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("property_ownerships_cache_property_id_idx", "property_id"),
        Index("property_ownerships_cache_owner_id_idx", "owner_id"),
    )
