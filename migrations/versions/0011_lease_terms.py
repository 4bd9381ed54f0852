"""What a new lease tells Buildium once: its rent, its prorations, and whether the tenants get mail"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CHANGES = """
alter table lease
    add rent_gl_account_id uuid references gl_accounts on delete restrict,
    add first_rent_due_on date,
    add prorated_first_month_rent numeric(15, 2),
    add prorated_last_month_rent numeric(15, 2),
    add send_welcome_email boolean default false not null,
    add constraint lease_prorated_first_month_rent_check check (prorated_first_month_rent >= 0),
    add constraint lease_prorated_last_month_rent_check check (prorated_last_month_rent >= 0);
create index lease_rent_gl_account_id_idx on lease (rent_gl_account_id);

alter table tenants add losses_accepted boolean default false not null;
"""

UNDO = """
alter table tenants drop losses_accepted;
alter table lease
    drop send_welcome_email,
    drop prorated_last_month_rent,
    drop prorated_first_month_rent,
    drop first_rent_due_on,
    drop rent_gl_account_id;
"""


def upgrade() -> None:
    op.execute(CHANGES)


def downgrade() -> None:
    op.execute(UNDO)
