"""The parts of a bill: its lines and its files."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, Money, Record, str20, str100, str255
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit

if TYPE_CHECKING:
    from portal.entities.bills.model import Bill

CENT = Decimal("0.01")


class BillLine(Record, Base):
    """What a bill is for: an amount, the ledger account it is booked to, and the property that bears it."""

    __tablename__ = "bill_lines"
    __syncs_through__ = "bill"
    __listed_in_form__ = True

    # CASCADE: a part of the bill. RESTRICT: the books name what they are about.
    bill_id: Mapped[UUID] = mapped_column(ForeignKey("bills.id", ondelete="CASCADE"))
    buildium_line_id: Mapped[int | None]
    position: Mapped[int] = mapped_column(server_default="0")
    gl_account_id: Mapped[UUID] = mapped_column(ForeignKey("gl_accounts.id", ondelete="RESTRICT"))
    accounting_entity_type: Mapped[str20] = mapped_column(server_default="Rental")
    # Of a line that is no property's: which company or association bears it, in Buildium's numbers (MAPPING §3.4).
    buildium_entity_id: Mapped[int | None]
    property_id: Mapped[UUID | None] = mapped_column(ForeignKey("properties.id", ondelete="RESTRICT"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id", ondelete="RESTRICT"))
    amount: Mapped[Money]
    memo: Mapped[str | None] = mapped_column(String(240))
    markup_amount: Mapped[Money | None]
    markup_type: Mapped[str20 | None]

    bill: Mapped[Bill] = relationship(back_populates="lines")
    # Wherever a line is shown, so are these.
    gl_account: Mapped[GlAccount] = relationship(lazy="joined")
    property: Mapped[Property | None] = relationship(lazy="joined")
    unit: Mapped[Unit | None] = relationship(lazy="joined")

    __table_args__ = (
        CheckConstraint(
            "accounting_entity_type in ('Rental', 'Association', 'Company')", name="accounting_entity_type"
        ),
        CheckConstraint("markup_type in ('Percent', 'Amount')", name="markup_type"),
        CheckConstraint("markup_type is distinct from 'Percent' or markup_amount <= 100", name="markup_amount"),
        Index("bill_lines_bill_id_idx", "bill_id", "position"),
        Index("bill_lines_buildium_line_id_key", "buildium_line_id", unique=True),
        Index("bill_lines_gl_account_id_idx", "gl_account_id"),
        Index("bill_lines_property_id_idx", "property_id"),
        Index("bill_lines_unit_id_idx", "unit_id"),
    )

    def copy(self) -> BillLine:
        """The same again, for another bill."""
        return BillLine(**{name: getattr(self, name) for name in COPIED})

    def markup(self) -> Decimal | None:
        """In dollars; None where there is none."""
        if self.markup_amount is None or self.markup_type != "Percent":
            return self.markup_amount
        return (self.amount * self.markup_amount / 100).quantize(CENT)

    def __str__(self) -> str:
        return self.memo or "Line"


COPIED = (
    *("position", "gl_account_id", "accounting_entity_type", "property_id", "unit_id"),
    *("amount", "memo", "markup_amount", "markup_type"),
)


class BillFile(Record, Base):
    __tablename__ = "bill_files"
    __syncs_through__ = "bill"

    # CASCADE: a part of the bill.
    bill_id: Mapped[UUID] = mapped_column(ForeignKey("bills.id", ondelete="CASCADE"))
    buildium_file_id: Mapped[int | None]
    file_name: Mapped[str255]
    file_type: Mapped[str100 | None]
    file_size: Mapped[int | None]
    # Where the portal keeps the bytes; never Buildium's download address, which dies after five minutes.
    file_url: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    # The only thing that an upload and the file it becomes have in common (MAPPING §7).
    physical_file_name: Mapped[str255 | None]
    upload_state: Mapped[str20] = mapped_column(server_default="waiting")

    bill: Mapped[Bill] = relationship(back_populates="files")

    __table_args__ = (
        CheckConstraint("file_size >= 0", name="file_size"),
        CheckConstraint("upload_state in ('waiting', 'sent', 'failed')", name="upload_state"),
        Index("bill_files_bill_id_idx", "bill_id"),
        Index("bill_files_buildium_file_id_idx", "buildium_file_id"),
    )

    def __str__(self) -> str:
        return self.file_name


def the_one(ids: Iterable[UUID | None]) -> UUID | None:
    """The only value of a set; None where there are several."""
    several = set(ids)
    return several.pop() if len(several) == 1 else None


def key(line: BillLine, name: str) -> UUID | None:
    """The id of what the line refers to, also before it is flushed."""
    loaded = line.__dict__.get(name)
    known: UUID | None = getattr(line, f"{name}_id")
    return known or (loaded.id if loaded else None)
