"""What vendors need to be sent back whole, and names of categories that two people enter at once"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHANGES = """
alter table vendors
    add losses_accepted boolean default false not null,
    add phone_type varchar(10),
    add constraint vendors_phone_type_check check (phone_type in ('Office', 'Cell', 'Home'));

-- Only of those that Buildium hasn't: it may have two of one name, and both have to be kept here.
create unique index vendor_categories_name_key on vendor_categories (lower(name::text))
    where buildium_category_id is null;
create unique index task_categories_name_key on task_categories (lower(name::text))
    where buildium_category_id is null;
"""

UNDO = """
drop index task_categories_name_key;
drop index vendor_categories_name_key;
alter table vendors drop phone_type, drop losses_accepted;
"""


def upgrade() -> None:
    op.execute(CHANGES)


def downgrade() -> None:
    op.execute(UNDO)
