"""Leases, and who lives under them. The table keeps the camelCase columns of the seeds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    FetchedValue,
    ForeignKey,
    Index,
    Numeric,
    Text,
    TypeDecorator,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Moment, Record, Versioned, str20
from portal.entities.properties.model import Property
from portal.entities.tenants.model import Tenant
from portal.entities.units.model import Unit
from portal.listing import search_index, words_of_relatives


class Day(TypeDecorator[date]):
    """A date kept as the midnight of a TIMESTAMP WITHOUT TIME ZONE, as the seeds have it."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.combine(value.date() if isinstance(value, datetime) else value, time.min)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> date | None:
        return None if value is None else value.date()


class UtcMoment(TypeDecorator[datetime]):
    """A moment kept in UTC in a TIMESTAMP WITHOUT TIME ZONE; with its zone in Python."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Lease(Versioned, Base):
    __tablename__ = "lease"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    # RESTRICT: what was let to whom is history and stays.
    property_id: Mapped[UUID] = mapped_column("propertyId", ForeignKey("properties.id", ondelete="RESTRICT"))
    unit_id: Mapped[UUID] = mapped_column("unitId", ForeignKey("units.id", ondelete="RESTRICT"))
    start_date: Mapped[date] = mapped_column("startDate", Day)
    end_date: Mapped[date | None] = mapped_column("endDate", Day)
    # Buildium's; until it has spoken, a trigger works it out of the dates.
    status: Mapped[str20] = mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())
    deposit_amt: Mapped[Decimal | None] = mapped_column("depositAmt", Numeric)
    notes: Mapped[str | None] = mapped_column(Text)
    buildium_lease_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(
        "createdAt", UtcMoment, server_default=text("(now() AT TIME ZONE 'utc'::text)")
    )
    updated_at: Mapped[datetime] = mapped_column(
        "updatedAt",
        UtcMoment,
        server_default=text("(now() AT TIME ZONE 'utc'::text)"),
        server_onupdate=FetchedValue(),
    )
    lease_type: Mapped[str20] = mapped_column(server_default="Fixed")
    is_eviction_pending: Mapped[bool] = mapped_column(server_default=false())
    auto_move_out: Mapped[bool] = mapped_column(server_default=false())
    security_deposit_due_date: Mapped[date | None]
    rent: Mapped[Decimal | None] = mapped_column(Numeric(15, 2))
    rent_cycle: Mapped[str20 | None]
    term_type: Mapped[str20 | None]
    renewal_offer_status: Mapped[str20 | None]
    # The one note of Buildium's list that carries `notes` (MAPPING §4.5).
    buildium_note_id: Mapped[int | None]
    buildium_created_at: Mapped[Moment | None]
    buildium_updated_at: Mapped[Moment | None]
    # Kept by triggers: it also holds the names of property, unit and tenants.
    search_text: Mapped[str | None] = words_of_relatives()

    property: Mapped[Property] = relationship()
    unit: Mapped[Unit] = relationship()
    tenants: Mapped[list[LeaseTenant]] = relationship(back_populates="lease", cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint("lease_type in ('None', 'Fixed', 'FixedWithRollover', 'AtWill')", name="lease_type"),
        CheckConstraint('"depositAmt" >= 0', name="depositAmt"),
        CheckConstraint("rent >= 0", name="rent"),
        Index("lease_propertyId_idx", "propertyId"),
        Index("lease_unitId_idx", "unitId", "startDate"),
        Index("lease_buildium_lease_id_key", "buildium_lease_id", unique=True),
        Index("lease_status_idx", "status", "endDate", "id"),
        Index("lease_startDate_idx", "startDate", "id"),
        Index("lease_endDate_idx", "endDate", "id"),
        Index("lease_updatedAt_idx", "updatedAt", "id"),
        search_index("lease"),
    )

    def status_on(self, day: date) -> str:
        """What the dates alone say, in Buildium's words."""
        if self.start_date > day:
            return "Future"
        return "Past" if self.end_date is not None and self.end_date < day else "Active"

    def __str__(self) -> str:
        return f"{self.unit}, from {self.start_date:%Y-%m-%d}"


class LeaseTenant(Record, Base):
    """One tenant of one lease."""

    __tablename__ = "lease_tenants"
    __syncs_through__ = "lease"

    # CASCADE: a part of the lease. RESTRICT: the tenant is a person with a history.
    lease_id: Mapped[int] = mapped_column(ForeignKey("lease.id", ondelete="CASCADE"))
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"))
    status: Mapped[str20 | None]
    move_in_date: Mapped[date | None]
    move_out_date: Mapped[date | None]
    notice_given_date: Mapped[date | None]

    lease: Mapped[Lease] = relationship(back_populates="tenants")
    tenant: Mapped[Tenant] = relationship()

    __table_args__ = (
        Index("lease_tenants_lease_id_tenant_id_key", "lease_id", "tenant_id", unique=True),
        Index("lease_tenants_tenant_id_idx", "tenant_id"),
    )

    def __str__(self) -> str:
        return f"{self.tenant} in {self.lease}"
