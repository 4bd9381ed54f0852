"""Staff, ledger accounts, bank accounts, properties, units, owners and who owns what"""

from __future__ import annotations

from alembic import op

from portal.rights import MACHINE, PEOPLE, READ, allow, audited, lock, parts, records, touched

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = r"""
create table staff_users (
    id uuid default gen_random_uuid() primary key,
    buildium_user_id integer,
    first_name varchar(127),
    last_name varchar(127),
    email varchar(255),
    is_active boolean default true not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    version integer default 1 not null,
    search_text text generated always as (lower(
        coalesce(first_name::text, '') || ' ' || coalesce(last_name::text, '')
        || ' ' || coalesce(email::text, '')
    )) stored not null
);
create unique index staff_users_buildium_user_id_key on staff_users (buildium_user_id);
create index staff_users_last_name_order_idx on staff_users (lower(last_name::text) collate "C", id);
create index staff_users_search_text_idx on staff_users using gin (search_text gin_trgm_ops);

create table gl_accounts (
    id uuid default gen_random_uuid() primary key,
    buildium_gl_account_id integer,
    account_number varchar(50),
    name varchar(255) not null,
    description text,
    type varchar(50) not null,
    sub_type varchar(50),
    is_default_gl_account boolean default false not null,
    default_account_name varchar(255),
    is_contra_account boolean default false not null,
    is_bank_account boolean default false not null,
    cash_flow_classification varchar(50),
    exclude_from_cash_balances boolean default false not null,
    is_active boolean default true not null,
    buildium_parent_gl_account_id integer,
    is_credit_card_account boolean default false not null,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    is_cash_asset boolean,
    parent_id uuid references gl_accounts on delete restrict,
    version integer default 1 not null,
    search_text text generated always as (lower(
        coalesce(account_number::text, '') || ' ' || coalesce(name::text, '')
        || ' ' || coalesce(default_account_name::text, '')
        || ' ' || coalesce(buildium_gl_account_id::text, '')
    )) stored not null
);
create index gl_accounts_account_number_idx on gl_accounts (account_number, id);
create unique index gl_accounts_buildium_gl_account_id_key on gl_accounts (buildium_gl_account_id);
create index gl_accounts_name_order_idx on gl_accounts (lower(name::text) collate "C", id);
create index gl_accounts_parent_id_idx on gl_accounts (parent_id);
create index gl_accounts_search_text_idx on gl_accounts using gin (search_text gin_trgm_ops);
create index gl_accounts_type_idx on gl_accounts (type, id);

create table bank_accounts (
    id uuid default gen_random_uuid() primary key,
    buildium_bank_id integer,
    name varchar(255) not null,
    description text,
    bank_account_type varchar(20),
    account_number varchar(255),
    routing_number varchar(255),
    is_active boolean default true not null,
    balance numeric(15, 2) default 0 not null,
    buildium_balance numeric(15, 2),
    gl_account uuid references gl_accounts on delete restrict,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    country varchar(100),
    check_printing_info jsonb,
    version integer default 1 not null,
    search_text text generated always as (lower(
        coalesce(name::text, '') || ' ' || coalesce(bank_account_type::text, '')
        || ' ' || coalesce(buildium_bank_id::text, '')
    )) stored not null,
    constraint bank_accounts_bank_account_type_check check (bank_account_type in ('Checking', 'Savings'))
);
create unique index bank_accounts_buildium_bank_id_key on bank_accounts (buildium_bank_id);
create index bank_accounts_gl_account_idx on bank_accounts (gl_account);
create index bank_accounts_name_order_idx on bank_accounts (lower(name::text) collate "C", id);
create index bank_accounts_search_text_idx on bank_accounts using gin (search_text gin_trgm_ops);

create table properties (
    id uuid default gen_random_uuid() primary key,
    name varchar(127) not null,
    structure_description text,
    address_line1 varchar(100),
    address_line2 varchar(100),
    address_line3 varchar(100),
    city varchar(100),
    state varchar(100),
    postal_code varchar(20),
    country varchar(100),
    buildium_property_id integer,
    rental_sub_type varchar(50),
    rental_owner_ids integer[],
    operating_bank_account_id uuid references bank_accounts on delete restrict,
    reserve numeric,
    year_built integer,
    status varchar(20) default 'Active' not null,
    total_units integer,
    property_type varchar(100),
    square_footage integer,
    bedrooms integer,
    bathrooms numeric(3, 1),
    is_active boolean default true not null,
    buildium_created_at timestamptz,
    buildium_updated_at timestamptz,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    property_manager_buildium_user_id integer,
    version integer default 1 not null,
    search_text text generated always as (lower(
        coalesce(name::text, '') || ' ' || coalesce(address_line1::text, '')
        || ' ' || coalesce(address_line2::text, '') || ' ' || coalesce(city::text, '')
        || ' ' || coalesce(state::text, '') || ' ' || coalesce(postal_code::text, '')
        || ' ' || coalesce(buildium_property_id::text, '')
    )) stored not null,
    constraint properties_is_active_check check (is_active = (status = 'Active')),
    constraint properties_reserve_check check (reserve >= 0),
    constraint properties_status_check check (status in ('Active', 'Inactive')),
    constraint properties_total_units_check check (total_units >= 0),
    constraint properties_year_built_check check (year_built between 1000 and 2200)
);
create unique index properties_buildium_property_id_key on properties (buildium_property_id);
create index properties_city_order_idx on properties (lower(city::text) collate "C", id);
create index properties_name_idx on properties (lower(name::text) collate "C", id);
create index properties_operating_bank_account_id_idx on properties (operating_bank_account_id);
create index properties_property_manager_buildium_user_id_idx on properties (property_manager_buildium_user_id);
create index properties_search_text_idx on properties using gin (search_text gin_trgm_ops);
create index properties_status_idx on properties (status, id);
create index properties_updated_at_idx on properties (updated_at, id);

create table units (
    id uuid default gen_random_uuid() primary key,
    property_id uuid not null references properties on delete restrict,
    unit_number varchar(30) not null,
    unit_size integer,
    market_rent numeric,
    address_line1 varchar(100),
    address_line2 varchar(100),
    address_line3 varchar(100),
    city varchar(100),
    state varchar(100),
    postal_code varchar(20),
    country varchar(100),
    unit_bedrooms varchar(20),
    unit_bathrooms varchar(20),
    description text,
    buildium_unit_id integer,
    unit_type varchar(50),
    square_footage integer,
    is_active boolean default true not null,
    buildium_created_at timestamptz,
    buildium_updated_at timestamptz,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    version integer default 1 not null,
    search_text text,
    constraint units_market_rent_check check (market_rent >= 0),
    constraint units_unit_size_check check (unit_size >= 0)
);
create unique index units_buildium_unit_id_key on units (buildium_unit_id);
create index units_market_rent_idx on units (market_rent, id);
create index units_property_id_idx on units (property_id);
create unique index units_property_id_unit_number_key on units (property_id, unit_number);
create index units_search_text_idx on units using gin (search_text gin_trgm_ops);
create index units_unit_number_order_idx on units (lower(unit_number::text) collate "C", id);
create index units_updated_at_idx on units (updated_at, id);

create table owners (
    id uuid default gen_random_uuid() primary key,
    first_name varchar(127),
    last_name varchar(127),
    is_company boolean default false not null,
    company_name varchar(127),
    date_of_birth date,
    management_agreement_start_date date,
    management_agreement_end_date date,
    email varchar(255),
    alternate_email varchar(255),
    phone_home varchar(20),
    phone_work varchar(20),
    phone_mobile varchar(20),
    phone_fax varchar(20),
    address_line1 varchar(100),
    address_line2 varchar(100),
    address_line3 varchar(100),
    city varchar(100),
    state varchar(100),
    postal_code varchar(20),
    country varchar(100),
    comment text,
    tax_payer_id varchar(255),
    tax_payer_type varchar(10),
    tax_payer_name1 varchar(40),
    tax_payer_name2 varchar(40),
    tax_address_line1 varchar(100),
    tax_address_line2 varchar(100),
    tax_address_line3 varchar(100),
    tax_city varchar(100),
    tax_state varchar(100),
    tax_postal_code varchar(20),
    tax_country varchar(100),
    last_contacted timestamptz,
    buildium_owner_id integer,
    tax_id varchar(255),
    is_active boolean default true not null,
    buildium_created_at timestamptz,
    buildium_updated_at timestamptz,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    include_in_1099 boolean,
    losses_accepted boolean default false not null,
    extra_phones jsonb,
    version integer default 1 not null,
    sort_name text generated always as (
        name_to_sort(is_company, company_name::text, first_name::text, last_name::text)
    ) stored not null,
    search_text text generated always as (lower(
        coalesce(first_name::text, '') || ' ' || coalesce(last_name::text, '')
        || ' ' || coalesce(company_name::text, '') || ' ' || coalesce(email::text, '')
        || ' ' || coalesce(alternate_email::text, '') || ' ' || coalesce(address_line1::text, '')
        || ' ' || coalesce(city::text, '') || ' ' || coalesce(postal_code::text, '')
        || ' ' || coalesce(phone_home::text, '') || ' ' || coalesce(phone_work::text, '')
        || ' ' || coalesce(phone_mobile::text, '') || ' ' || coalesce(buildium_owner_id::text, '')
        || ' ' || regexp_replace(coalesce(phone_home::text, ''), '\D', '', 'g')
        || ' ' || regexp_replace(coalesce(phone_work::text, ''), '\D', '', 'g')
        || ' ' || regexp_replace(coalesce(phone_mobile::text, ''), '\D', '', 'g')
    )) stored not null,
    constraint owners_tax_payer_type_check check (tax_payer_type in ('SSN', 'EIN'))
);
create unique index owners_buildium_owner_id_key on owners (buildium_owner_id);
create index owners_last_name_first_name_idx on owners (last_name, first_name);
create index owners_management_agreement_end_date_idx on owners (management_agreement_end_date, id);
create index owners_search_text_idx on owners using gin (search_text gin_trgm_ops);
create index owners_sort_name_order_idx on owners (lower(sort_name::text) collate "C", id);
create index owners_updated_at_idx on owners (updated_at, id);

create table ownership (
    id uuid default gen_random_uuid() primary key,
    "primary" boolean default false not null,
    ownership_percentage numeric,
    disbursement_percentage numeric,
    owner_name varchar(255),
    owner_id uuid not null references owners on delete restrict,
    property_id uuid not null references properties on delete restrict,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    version integer default 1 not null,
    constraint ownership_disbursement_percentage_check check (disbursement_percentage between 0 and 100),
    constraint ownership_ownership_percentage_check check (ownership_percentage between 0 and 100)
);
create index ownership_owner_id_idx on ownership (owner_id);
create unique index ownership_owner_id_property_id_key on ownership (owner_id, property_id);
create index ownership_property_id_idx on ownership (property_id);

create table owners_list_cache (
    owner_id uuid primary key references owners on delete cascade,
    contact_id bigint,
    display_name text,
    primary_email text,
    primary_phone text,
    management_agreement_start_date date,
    management_agreement_end_date date,
    updated_at timestamptz default now() not null
);

create table property_ownerships_cache (
    ownership_id uuid primary key references ownership on delete cascade,
    property_id uuid not null,
    owner_id uuid not null,
    contact_id bigint,
    display_name text,
    primary_email text,
    "primary" boolean,
    ownership_percentage numeric(5, 2),
    disbursement_percentage numeric(5, 2),
    updated_at timestamptz default now() not null
);
create index property_ownerships_cache_owner_id_idx on property_ownerships_cache (owner_id);
create index property_ownerships_cache_property_id_idx on property_ownerships_cache (property_id);
"""

KEEP_IN_STEP = r"""
-- `status` and `is_active` of a property say the same: whichever was changed, the other follows.
create function keep_property() returns trigger
language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        new.is_active := new.is_active and new.status <> 'Inactive';
        new.status := case when new.is_active then new.status else 'Inactive' end;
    elsif new.status is distinct from old.status then
        new.is_active := new.status = 'Active';
    elsif new.is_active is distinct from old.is_active then
        new.status := case when new.is_active then 'Active' else 'Inactive' end;
    end if;
    return new;
end $$;
create trigger keep before insert or update on properties for each row execute function keep_property();

-- A unit is found by its property's name too, and is as active as its property (Buildium has no flag for units).
create function keep_unit() returns trigger
language plpgsql as $$
declare
    parent record;
begin
    select name, is_active into parent from properties where id = new.property_id;
    new.is_active := coalesce(parent.is_active, new.is_active);
    new.search_text := lower(concat_ws(' ',
        parent.name, new.unit_number, new.address_line1, new.city, new.postal_code, new.buildium_unit_id
    ));
    return new;
end $$;
create trigger keep before insert or update on units for each row execute function keep_unit();
create trigger refresh_units after update on properties for each row
    when (old.name is distinct from new.name or old.is_active is distinct from new.is_active)
    execute function refresh_relatives('units', 'property_id');

create function keep_ownership() returns trigger
language plpgsql as $$
begin
    select name_to_show(is_company, company_name, first_name, last_name) into new.owner_name
    from owners where id = new.owner_id;
    return new;
end $$;
create trigger keep before insert or update on ownership for each row execute function keep_ownership();

create function rename_ownerships() returns trigger
language plpgsql as $$
begin
    update ownership set owner_name = owner_name where owner_id = new.id;
    return null;
end $$;
create trigger rename_ownerships after update on owners for each row
    when (
        name_to_show(old.is_company, old.company_name, old.first_name, old.last_name)
        is distinct from name_to_show(new.is_company, new.company_name, new.first_name, new.last_name)
    )
    execute function rename_ownerships();
"""

# Security definer, because nobody may write the caches directly. Deletions reach them by their foreign keys.
CACHES = r"""
create function keep_owners_list_cache() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    fresh public.owners_list_cache;
begin
    fresh.owner_id := new.id;
    fresh.display_name := name_to_show(new.is_company, new.company_name, new.first_name, new.last_name);
    fresh.primary_email := new.email;
    fresh.primary_phone := coalesce(new.phone_mobile, new.phone_work, new.phone_home);
    fresh.management_agreement_start_date := new.management_agreement_start_date;
    fresh.management_agreement_end_date := new.management_agreement_end_date;
    fresh.updated_at := clock_timestamp();
    insert into public.owners_list_cache select fresh.*
    on conflict (owner_id) do update set
        display_name = excluded.display_name,
        primary_email = excluded.primary_email,
        primary_phone = excluded.primary_phone,
        management_agreement_start_date = excluded.management_agreement_start_date,
        management_agreement_end_date = excluded.management_agreement_end_date,
        updated_at = excluded.updated_at;
    update public.property_ownerships_cache
    set display_name = fresh.display_name, primary_email = fresh.primary_email, updated_at = fresh.updated_at
    where owner_id = new.id
        and (display_name, primary_email) is distinct from (fresh.display_name, fresh.primary_email);
    return null;
end $$;
revoke execute on function keep_owners_list_cache() from public;
create trigger cache_insert after insert on owners for each row execute function keep_owners_list_cache();
create trigger cache_update after update on owners for each row
    when (
        (
            old.is_company, old.company_name, old.first_name, old.last_name, old.email,
            old.phone_mobile, old.phone_work, old.phone_home,
            old.management_agreement_start_date, old.management_agreement_end_date
        ) is distinct from (
            new.is_company, new.company_name, new.first_name, new.last_name, new.email,
            new.phone_mobile, new.phone_work, new.phone_home,
            new.management_agreement_start_date, new.management_agreement_end_date
        )
    )
    execute function keep_owners_list_cache();

create function keep_property_ownerships_cache() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into public.property_ownerships_cache (
        ownership_id, property_id, owner_id, display_name, primary_email,
        "primary", ownership_percentage, disbursement_percentage, updated_at
    )
    select
        new.id, new.property_id, new.owner_id, owner.display_name, owner.primary_email,
        new."primary", new.ownership_percentage, new.disbursement_percentage, clock_timestamp()
    from public.owners_list_cache as owner
    where owner.owner_id = new.owner_id
    on conflict (ownership_id) do update set
        property_id = excluded.property_id,
        owner_id = excluded.owner_id,
        display_name = excluded.display_name,
        primary_email = excluded.primary_email,
        "primary" = excluded."primary",
        ownership_percentage = excluded.ownership_percentage,
        disbursement_percentage = excluded.disbursement_percentage,
        updated_at = excluded.updated_at;
    return null;
end $$;
revoke execute on function keep_property_ownerships_cache() from public;
create trigger cache after insert or update on ownership for each row execute function keep_property_ownerships_cache();

-- What the caches have and should not, or lack: no row when both are right. `portal check` asks it.
create function owner_cache_differences() returns table (cache text, row_id uuid, difference text)
language sql stable as $$
    with owners_should as (
        select
            id as owner_id, null::bigint as contact_id,
            name_to_show(is_company, company_name, first_name, last_name) as display_name,
            email::text as primary_email, coalesce(phone_mobile, phone_work, phone_home)::text as primary_phone,
            management_agreement_start_date, management_agreement_end_date
        from owners
    ), owners_are as (
        select
            owner_id, contact_id, display_name, primary_email, primary_phone,
            management_agreement_start_date, management_agreement_end_date
        from owners_list_cache
    ), shares_should as (
        select
            ownership.id as ownership_id, property_id, owner_id, null::bigint as contact_id,
            name_to_show(is_company, company_name, first_name, last_name) as display_name,
            email::text as primary_email, "primary",
            ownership_percentage::numeric(5, 2) as ownership_percentage,
            disbursement_percentage::numeric(5, 2) as disbursement_percentage
        from ownership join owners on owners.id = owner_id
    ), shares_are as (
        select
            ownership_id, property_id, owner_id, contact_id, display_name, primary_email, "primary",
            ownership_percentage, disbursement_percentage
        from property_ownerships_cache
    )
    select 'owners_list_cache', owner_id, 'lacks' from (table owners_should except table owners_are) as lacking
    union all
    select 'owners_list_cache', owner_id, 'has' from (table owners_are except table owners_should) as wrong
    union all
    select 'property_ownerships_cache', ownership_id, 'lacks'
    from (table shares_should except table shares_are) as lacking
    union all
    select 'property_ownerships_cache', ownership_id, 'has' from (table shares_are except table shares_should) as wrong
$$;
"""

# Inside the two functions above the owner of the tables writes; Row Level Security is forced upon it too.
CACHE_RIGHTS = "".join(
    lock(table)
    + allow(table, dict.fromkeys((*PEOPLE, MACHINE), READ))
    + f"create policy keeper on {table} to current_user using (true) with check (true);"
    for table in ("owners_list_cache", "property_ownerships_cache")
)

RECORDS = ("staff_users", "gl_accounts", "bank_accounts", "properties", "units", "owners")
SECRETS = {
    "bank_accounts": "'account_number', 'routing_number'",
    "owners": "'tax_payer_id', 'tax_id'",
}

UNDO = """
drop function owner_cache_differences();
drop table property_ownerships_cache, owners_list_cache, ownership, owners, units, properties, bank_accounts,
    gl_accounts, staff_users;
drop function keep_property_ownerships_cache();
drop function keep_owners_list_cache();
drop function rename_ownerships();
drop function keep_ownership();
drop function keep_unit();
drop function keep_property();
"""


def upgrade() -> None:

    op.execute(TABLES)
    op.execute(KEEP_IN_STEP)
    op.execute(CACHES)
    op.execute(CACHE_RIGHTS)
    op.execute(records(*RECORDS) + parts("ownership"))
    op.execute(touched(*RECORDS, "ownership"))
    for table in (*RECORDS, "ownership"):
        op.execute(audited(table, secrets=SECRETS.get(table, "")))


def downgrade() -> None:
    op.execute(UNDO)
