"""What of a bill is paid and open, who approved it, and the bills that repeat"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = """
alter table bills
    add column paid_amount numeric(15, 2) default 0 not null,
    add column open_amount numeric(15, 2) generated always as (
        case when paid_date is not null then 0::numeric else greatest(amount - paid_amount, 0::numeric) end
    ) stored not null,
    add column approved_at timestamptz,
    add column approved_by varchar(255),
    add column approved_by_id uuid,
    add column source_bill_id uuid references bills on delete restrict,
    add column occurrence_date date,
    add column next_bill_on date,
    add constraint bills_occurrence_date_check check ((source_bill_id is null) = (occurrence_date is null));
create unique index bills_source_bill_id_occurrence_date_key on bills (source_bill_id, occurrence_date);
create index bills_next_bill_on_idx on bills (next_bill_on) where next_bill_on is not null;
create index bills_open_amount_idx on bills (open_amount, id);
create index bills_open_due_date_idx on bills (due_date, id) where status in ('pending', 'overdue');
create index bills_vendor_id_reference_number_idx on bills (vendor_id, lower(reference_number::text));
drop index bills_unpaid_due_date_idx;
"""

# Who pays the same bill waits for the other one: so the sum misses no payment.
KEEP = r"""
create function keep_bill_status() returns trigger
language plpgsql as $$
begin
    if new.status = 'cancelled' then
        return new;
    end if;
    if new.paid_date is not null or new.paid_amount >= new.amount then
        new.status := 'paid';
    elsif new.status = 'paid' or (tg_op = 'UPDATE' and new.due_date is distinct from old.due_date) then
        new.status := 'pending';
    end if;
    return new;
end $$;
create trigger keep_status before insert or update on bills for each row execute function keep_bill_status();

create function keep_paid_amount() returns trigger
language plpgsql as $$
declare
    changed uuid[] := case tg_op
        when 'INSERT' then array[new.bill_id] when 'DELETE' then array[old.bill_id]
        else array[old.bill_id, new.bill_id]
    end;
begin
    perform from bills where id = any (changed) order by id for update;
    update bills set paid_amount = (
        select coalesce(sum(bill_payments.amount), 0) from bill_payments where bill_id = bills.id
    ) where id = any (changed);
    return null;
end $$;
create trigger keep_paid_amount after insert or delete or update of bill_id, amount on bill_payments
    for each row execute function keep_paid_amount();
"""

UNDO = """
drop trigger keep_paid_amount on bill_payments;
drop trigger keep_status on bills;
drop function keep_paid_amount();
drop function keep_bill_status();
create index bills_unpaid_due_date_idx on bills (due_date, id) where paid_date is null;
drop index bills_vendor_id_reference_number_idx, bills_open_due_date_idx, bills_open_amount_idx,
    bills_next_bill_on_idx, bills_source_bill_id_occurrence_date_key;
alter table bills
    drop constraint bills_occurrence_date_check,
    drop column next_bill_on, drop column occurrence_date, drop column source_bill_id, drop column approved_by_id,
    drop column approved_by, drop column approved_at, drop column open_amount, drop column paid_amount;
"""


def upgrade() -> None:
    op.execute(COLUMNS)
    op.execute(KEEP)


def downgrade() -> None:
    op.execute(UNDO)
