"""Tenants and leases"""

from __future__ import annotations

from alembic import op

from portal.rights import EDITORS, audited, parts, records, touched

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = r"""
create table tenants (
    id uuid default gen_random_uuid() primary key,
    buildium_tenant_id integer,
    first_name varchar(127) not null,
    last_name varchar(127) not null,
    email varchar(255),
    alternate_email varchar(255),
    date_of_birth date,
    comment text,
    tax_id varchar(255),
    emergency_contact jsonb,
    alternate_address jsonb,
    mailing_preference varchar(20),
    buildium_created_at timestamptz,
    address_line1 varchar(100),
    address_line2 varchar(100),
    address_line3 varchar(100),
    city varchar(100),
    state varchar(100),
    postal_code varchar(20),
    country varchar(100),
    phone_home varchar(20),
    phone_work varchar(20),
    phone_mobile varchar(20),
    phone_fax varchar(20),
    extra_phones jsonb,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    version integer default 1 not null,
    sort_name text generated always as (
        name_to_sort(false, ''::text, first_name::text, last_name::text)
    ) stored not null,
    search_text text generated always as (lower(
        coalesce(first_name::text, '') || ' ' || coalesce(last_name::text, '')
        || ' ' || coalesce(email::text, '') || ' ' || coalesce(alternate_email::text, '')
        || ' ' || coalesce(address_line1::text, '') || ' ' || coalesce(city::text, '')
        || ' ' || coalesce(postal_code::text, '') || ' ' || coalesce(phone_home::text, '')
        || ' ' || coalesce(phone_work::text, '') || ' ' || coalesce(phone_mobile::text, '')
        || ' ' || coalesce(buildium_tenant_id::text, '')
        || ' ' || regexp_replace(coalesce(phone_home::text, ''), '\D', '', 'g')
        || ' ' || regexp_replace(coalesce(phone_work::text, ''), '\D', '', 'g')
        || ' ' || regexp_replace(coalesce(phone_mobile::text, ''), '\D', '', 'g')
    )) stored not null,
    constraint tenants_mailing_preference_check check (mailing_preference in ('PrimaryAddress', 'AlternateAddress'))
);
create unique index tenants_buildium_tenant_id_key on tenants (buildium_tenant_id);
create index tenants_search_text_idx on tenants using gin (search_text gin_trgm_ops);
create index tenants_sort_name_order_idx on tenants (lower(sort_name::text) collate "C", id);
create index tenants_updated_at_idx on tenants (updated_at, id);

create table lease (
    id bigserial primary key,
    "propertyId" uuid not null references properties on delete restrict,
    "unitId" uuid not null references units on delete restrict,
    "startDate" timestamp not null,
    "endDate" timestamp,
    status varchar(20) not null,
    "depositAmt" numeric,
    notes text,
    buildium_lease_id integer,
    "createdAt" timestamp default (now() at time zone 'utc'::text) not null,
    "updatedAt" timestamp default (now() at time zone 'utc'::text) not null,
    lease_type varchar(20) default 'Fixed' not null,
    is_eviction_pending boolean default false not null,
    auto_move_out boolean default false not null,
    security_deposit_due_date date,
    rent numeric(15, 2),
    rent_cycle varchar(20),
    term_type varchar(20),
    renewal_offer_status varchar(20),
    buildium_note_id integer,
    buildium_created_at timestamptz,
    buildium_updated_at timestamptz,
    version integer default 1 not null,
    search_text text,
    constraint "lease_depositAmt_check" check ("depositAmt" >= 0),
    constraint lease_lease_type_check check (lease_type in ('None', 'Fixed', 'FixedWithRollover', 'AtWill')),
    constraint lease_rent_check check (rent >= 0)
);
create unique index lease_buildium_lease_id_key on lease (buildium_lease_id);
create index "lease_endDate_idx" on lease ("endDate", id);
create index "lease_propertyId_idx" on lease ("propertyId");
create index lease_search_text_idx on lease using gin (search_text gin_trgm_ops);
create index "lease_startDate_idx" on lease ("startDate", id);
create index lease_status_idx on lease (status, "endDate", id);
create index "lease_unitId_idx" on lease ("unitId", "startDate");
create index "lease_updatedAt_idx" on lease ("updatedAt", id);

create table lease_tenants (
    id uuid default gen_random_uuid() primary key,
    lease_id bigint not null references lease on delete cascade,
    tenant_id uuid not null references tenants on delete restrict,
    status varchar(20),
    move_in_date date,
    move_out_date date,
    notice_given_date date,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    version integer default 1 not null
);
create unique index lease_tenants_lease_id_tenant_id_key on lease_tenants (lease_id, tenant_id);
create index lease_tenants_tenant_id_idx on lease_tenants (tenant_id);
"""

KEEP = r"""
-- Until Buildium has spoken, the dates say what a lease is. It is found by property, unit and tenants.
create function keep_lease() returns trigger
language plpgsql as $$
declare
    today constant date := current_date;
begin
    new.status := coalesce(new.status, case
        when new."startDate"::date > today then 'Future'
        when new."endDate"::date < today then 'Past'
        else 'Active'
    end);
    new.search_text := lower(concat_ws(' ',
        (select name from properties where id = new."propertyId"),
        (select unit_number from units where id = new."unitId"),
        (
            select string_agg(concat_ws(' ', first_name, last_name), ' ')
            from tenants join lease_tenants on tenant_id = tenants.id where lease_id = new.id
        ),
        new.buildium_lease_id
    ));
    return new;
end $$;
create trigger keep before insert or update on lease for each row execute function keep_lease();

-- touch_record() for the columns of this table's own spelling.
create function touch_lease() returns trigger
language plpgsql as $$
begin
    if to_jsonb(new) - derived_columns() is distinct from to_jsonb(old) - derived_columns() then
        new."updatedAt" := clock_timestamp() at time zone 'utc';
    else
        new."updatedAt" := old."updatedAt";
    end if;
    return new;
end $$;

create trigger refresh_leases after update on properties for each row
    when (old.name is distinct from new.name)
    execute function refresh_relatives('lease', 'propertyId');
create trigger refresh_leases after update on units for each row
    when (old.unit_number is distinct from new.unit_number)
    execute function refresh_relatives('lease', 'unitId');

create function refresh_leases_of_tenant() returns trigger
language plpgsql as $$
begin
    update lease set search_text = search_text
    where id in (select lease_id from lease_tenants where tenant_id = new.id);
    return null;
end $$;
create trigger refresh_leases after update on tenants for each row
    when ((old.first_name, old.last_name) is distinct from (new.first_name, new.last_name))
    execute function refresh_leases_of_tenant();

create function refresh_lease_of_part() returns trigger
language plpgsql as $$
begin
    update lease set search_text = search_text where id in (old.lease_id, new.lease_id);
    return null;
end $$;
create trigger refresh_lease after insert or update of lease_id, tenant_id or delete on lease_tenants for each row
    execute function refresh_lease_of_part();
"""

RIGHTS = f"grant usage, select on sequence lease_id_seq to {', '.join(EDITORS)};"

UNDO = """
drop trigger refresh_leases on units;
drop trigger refresh_leases on properties;
drop table lease_tenants, lease, tenants;
drop function refresh_lease_of_part();
drop function refresh_leases_of_tenant();
drop function touch_lease();
drop function keep_lease();
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(KEEP)
    op.execute(records("tenants", "lease") + parts("lease_tenants") + RIGHTS)
    op.execute(touched("tenants", "lease_tenants") + touched("lease", function="touch_lease"))
    op.execute(audited("tenants", secrets="'tax_id'") + audited("lease", "lease_tenants"))


def downgrade() -> None:
    op.execute(UNDO)
