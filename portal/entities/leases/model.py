"""Leases, and who lives under them. The table keeps the camelCase columns of the seeds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    FetchedValue,
    ForeignKey,
    Index,
    Numeric,
    Text,
    TypeDecorator,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    null,
    select,
    text,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from portal.database import Base, Moment, Money, Record, Versioned, str20
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.leases.occupancy import Occupying
from portal.entities.properties.model import Property
from portal.entities.tenants.model import Tenant
from portal.entities.units.model import Unit
from portal.listing import search_index, words_of_relatives
from portal.words import LEASE_TENANT_STATUSES


class Day(TypeDecorator[date]):
    """A date kept as the midnight of a TIMESTAMP WITHOUT TIME ZONE, as the seeds have it."""

    impl = DateTime
    cache_ok = True

    @property
    def python_type(self) -> type[date]:
        return date

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

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Lease(Occupying, Versioned, Base):
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
    rent: Mapped[Money | None]
    rent_cycle: Mapped[str20 | None]
    # Said once, with the lease itself: Buildium's ledger goes on with them, and no answer tells them.
    rent_gl_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("gl_accounts.id", ondelete="RESTRICT"))
    first_rent_due_on: Mapped[date | None]
    prorated_first_month_rent: Mapped[Money | None]
    prorated_last_month_rent: Mapped[Money | None]
    # A person's wish, until Buildium has the lease: then it has been granted, and is never sent again.
    send_welcome_email: Mapped[bool] = mapped_column(server_default=false(), default=False)
    term_type: Mapped[str20 | None]
    renewal_offer_status: Mapped[str20 | None]
    # The one note of Buildium's list that carries `notes` (MAPPING §4.5).
    buildium_note_id: Mapped[int | None]
    buildium_created_at: Mapped[Moment | None]
    buildium_updated_at: Mapped[Moment | None]
    # Kept by triggers: it also holds the names of property, unit and tenants.
    search_text: Mapped[str | None] = words_of_relatives()

    # Wherever a lease is named, so are these.
    property: Mapped[Property] = relationship(back_populates="leases", lazy="joined", innerjoin=True)
    unit: Mapped[Unit] = relationship(back_populates="leases", lazy="joined", innerjoin=True)
    rent_gl_account: Mapped[GlAccount | None] = relationship()
    tenants: Mapped[list[LeaseTenant]] = relationship(
        back_populates="lease", cascade="all, delete-orphan", order_by="LeaseTenant.created_at, LeaseTenant.id"
    )
    others_of_unit: Mapped[list[Lease]] = relationship(
        primaryjoin=lambda: (foreign(remote(Lease.unit_id)) == Lease.unit_id) & (remote(Lease.id) != Lease.id),
        viewonly=True,
        order_by=lambda: Lease.start_date,
    )

    __table_args__ = (
        CheckConstraint("lease_type in ('None', 'Fixed', 'FixedWithRollover', 'AtWill')", name="lease_type"),
        CheckConstraint('"depositAmt" >= 0', name="depositAmt"),
        CheckConstraint("rent >= 0", name="rent"),
        CheckConstraint("prorated_first_month_rent >= 0", name="prorated_first_month_rent"),
        CheckConstraint("prorated_last_month_rent >= 0", name="prorated_last_month_rent"),
        Index("lease_propertyId_idx", "propertyId"),
        Index("lease_unitId_idx", "unitId", "startDate"),
        Index("lease_buildium_lease_id_key", "buildium_lease_id", unique=True),
        Index("lease_status_idx", "status", "endDate", "id"),
        Index("lease_startDate_idx", "startDate", "id"),
        Index("lease_endDate_idx", "endDate", "id"),
        Index("lease_updatedAt_idx", "updatedAt", "id"),
        Index("lease_rent_gl_account_id_idx", "rent_gl_account_id"),
        search_index("lease"),
    )

    def status_on(self, day: date) -> str:
        """What the dates alone say, in Buildium's words."""
        if self.start_date > day:
            return "Future"
        return "Past" if self.end_date is not None and self.end_date < day else "Active"

    def is_month_to_month(self) -> bool:
        """At will, or rolled over at the end of its term."""
        return self.lease_type == "AtWill" or self.term_type == "MonthToMonth"

    def staying(self) -> list[LeaseTenant]:
        """Those whose move-out nobody has entered."""
        return [each for each in self.tenants if each.move_out_date is None]

    def last_day_on(self, day: date) -> date | None:
        """The last day on which somebody lives here under this lease, as it looks on `day`; None: nobody knows yet.

        Move-outs of everybody shorten it, and carry it on where it had ended; one that has rolled over goes on.
        """
        if self.tenants and not self.staying():
            return max(each.move_out_date for each in self.tenants if each.move_out_date)
        has_rolled_over = self.lease_type == "FixedWithRollover" and not self.auto_move_out and self.status != "Past"
        if has_rolled_over and self.end_date is not None and self.end_date < day:
            return None
        return self.end_date

    @classmethod
    def last_days(cls, day: date, today: date, everybody: Any = None) -> ColumnElement[date]:
        """`last_day_on` as a column, as it looks on `day`. A lease that Buildium calls past has ended before today.
        `everybody` is when the last of its people leaves, where a query has it at hand: see `move_outs`."""
        if everybody is None:
            everybody = cls.everybody_out()
        end = sql_cast(cls.end_date, Date)
        rolls = and_(cls.lease_type == "FixedWithRollover", not_(cls.auto_move_out), cls.status != "Past", end < day)
        last = func.coalesce(everybody, case((rolls, null()), else_=end), type_=Date)
        over = and_(cls.status == "Past", func.coalesce(last, today) >= today)
        return case((over, literal(today - timedelta(days=1))), else_=last)

    @classmethod
    def everybody_out(cls) -> Any:
        """When the last of its people leaves; NULL as long as one stays."""
        return (
            select(func.max(LeaseTenant.move_out_date))
            .where(LeaseTenant.lease_id == cls.id)
            .having(func.bool_and(LeaseTenant.move_out_date.is_not(None)))
            .correlate(cls)
            .scalar_subquery()
        )

    def overlaps(self, start: date, end: date | None, day: date) -> bool:
        """Whether another lease of the unit with these dates would share a day with this one, as it looks on `day`."""
        last = self.last_day_on(day)
        return (end is None or self.start_date <= end) and (last is None or start <= last)

    def move_out(self, people: Iterable[LeaseTenant], on: date, notice: date | None = None) -> None:
        """These people leave on that day. When nobody stays, the lease ends with them."""
        for each in people:
            each.move_out(on, notice)

    def __str__(self) -> str:
        place = f"{self.property} – {self.unit.unit_number}" if self.property and self.unit else "Lease"
        return f"{place}, from {self.start_date:%Y-%m-%d}"


class LeaseTenant(Record, Base):
    """One tenant of one lease."""

    __tablename__ = "lease_tenants"
    __syncs_through__ = "lease"
    __listed_in_form__ = True

    # CASCADE: a part of the lease. RESTRICT: the tenant is a person with a history.
    lease_id: Mapped[int] = mapped_column(ForeignKey("lease.id", ondelete="CASCADE"))
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"))
    status: Mapped[str20 | None]
    move_in_date: Mapped[date | None]
    move_out_date: Mapped[date | None]
    notice_given_date: Mapped[date | None]

    lease: Mapped[Lease] = relationship(back_populates="tenants")
    tenant: Mapped[Tenant] = relationship(back_populates="tenancies")

    __table_args__ = (
        Index("lease_tenants_lease_id_tenant_id_key", "lease_id", "tenant_id", unique=True),
        Index("lease_tenants_tenant_id_idx", "tenant_id"),
    )

    def move_out(self, on: date, notice: date | None = None) -> None:
        """Enter the day on which the tenant leaves, and when notice was given."""
        self.move_out_date, self.notice_given_date = on, notice

    def standing(self) -> str:
        """How the tenant stands on this lease, in words."""
        if self.status is None:
            return "Not sent yet"
        return LEASE_TENANT_STATUSES.get(self.status, self.status)

    def stay(self) -> None:
        """Take a move-out back."""
        self.move_out_date = self.notice_given_date = None

    def __str__(self) -> str:
        return f"{self.tenant} in {self.lease}"
