"""Payments: one check for several bills, each confirmed once, frozen once sent, void when Buildium has them no more"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = """
alter table bill_lines add column buildium_entity_id integer;

alter table bill_payments
    add column paid_with_id uuid references bill_payments on delete restrict,
    add column confirmation uuid,
    add column voided_at timestamptz,
    add column paid_bill_ids jsonb,
    add column paid_parts jsonb;
create index bill_payments_paid_with_id_idx on bill_payments (paid_with_id);
create unique index bill_payments_confirmation_key on bill_payments (confirmation);
"""

# A void payment is one that Buildium has no more. The state of its outbox row says so first, whoever finds it out (an
# event, a listing, a push), so it is followed from there; and what isn't paid any more is open again.
KEEP = r"""
create or replace function keep_paid_amount() returns trigger
language plpgsql as $$
declare
    changed uuid[] := case tg_op
        when 'INSERT' then array[new.bill_id] when 'DELETE' then array[old.bill_id]
        else array[old.bill_id, new.bill_id]
    end;
begin
    perform from bills where id = any (changed) order by id for update;
    update bills set paid_amount = (
        select coalesce(sum(bill_payments.amount), 0) from bill_payments
        where bill_id = bills.id and voided_at is null
    ) where id = any (changed);
    return null;
end $$;
drop trigger keep_paid_amount on bill_payments;
create trigger keep_paid_amount after insert or delete or update of bill_id, amount, voided_at on bill_payments
    for each row execute function keep_paid_amount();

create function keep_voided() returns trigger
language plpgsql as $$
begin
    update bill_payments set voided_at = case when new.sync_status = 'missing' then clock_timestamp() end
        where id = new.entity_id::uuid;
    return null;
end $$;
create trigger keep_voided after update of sync_status on buildium_sync_status for each row
    when (new.entity_type = 'bill_payment' and (old.sync_status = 'missing') <> (new.sync_status = 'missing'))
    execute function keep_voided();

-- Money that is under way can't be called back. The lock makes whoever edits and the worker that sends wait for each
-- other, so that what is sent is what is stored.
create function guard_payment() returns trigger
language plpgsql as $$
declare
    its buildium_sync_status%rowtype;
begin
    if current_user = 'portal_machine' then
        return new;
    end if;
    select * into its from buildium_sync_status
        where entity_type = 'bill_payment' and entity_id = coalesce(new.paid_with_id, new.id)::text for update;
    if old.buildium_payment_id is not null or its.buildium_id is not null or its.last_post_attempt_at is not null
        or its.sync_status in ('syncing', 'uncertain')
    then
        raise exception 'this payment was sent already'
            using errcode = 'check_violation', constraint = 'bill_payments_sent_check';
    end if;
    return new;
end $$;
create trigger guard before update on bill_payments for each row
    when ((old.bill_id, old.bank_account_id, old.amount, old.date, old.reference_number, old.memo)
        is distinct from (new.bill_id, new.bank_account_id, new.amount, new.date, new.reference_number, new.memo))
    execute function guard_payment();

-- People can't take a line off a bill that was paid; what Buildium took off goes here too, and the payment stays.
create function forget_paid_line() returns trigger
language plpgsql as $$
begin
    if current_user = 'portal_machine' then
        delete from bill_payment_lines where bill_line_id = old.id;
    end if;
    return old;
end $$;
create trigger forget_paid before delete on bill_lines for each row execute function forget_paid_line();
"""

UNDO = r"""
drop trigger forget_paid on bill_lines;
drop function forget_paid_line();
drop trigger guard on bill_payments;
drop function guard_payment();
drop trigger keep_voided on buildium_sync_status;
drop function keep_voided();
drop trigger keep_paid_amount on bill_payments;
create or replace function keep_paid_amount() returns trigger
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

alter table bill_payments
    drop column paid_parts,
    drop column paid_bill_ids,
    drop column voided_at,
    drop column confirmation,
    drop column paid_with_id;
alter table bill_lines drop column buildium_entity_id;
"""


def upgrade() -> None:
    op.execute(COLUMNS)
    op.execute(KEEP)


def downgrade() -> None:
    op.execute(UNDO)
