"""Who may do what with which table, as SQL for the migrations.

Migrations that have shipped call these functions: add new ones, don't change them.

Row Level Security is on and forced everywhere. Each role that may use a table has one policy of its own there that
admits every row, because a condition would be checked before the search and cost it its index; what the role may
*do* is said by GRANT. portal_nobody, as whom every connection rests, is given nothing, so that code which forgets to
say who acts is refused instead of shown an empty page.
"""

from __future__ import annotations

from collections.abc import Mapping

VIEWER, STAFF, MANAGER = "portal_viewer", "portal_staff", "portal_manager"
ADMINISTRATOR, MACHINE = "portal_administrator", "portal_machine"
NOBODY, GATE = "portal_nobody", "portal_gate"
PEOPLE = (VIEWER, STAFF, MANAGER, ADMINISTRATOR)
EDITORS = (STAFF, MANAGER, ADMINISTRATOR, MACHINE)
ROLES = (NOBODY, GATE, *PEOPLE, MACHINE)

READ = "select"
EDIT = "select, insert, update"
ALL = "select, insert, update, delete"


def lock(table: str) -> str:
    """No row for anybody, the owner of the table included."""
    return f"alter table {table} enable row level security; alter table {table} force row level security;"


def allow(table: str, rights: Mapping[str, str]) -> str:
    """Give each role its verbs on every row of `table`."""
    return "".join(
        f"grant {verbs} on {table} to {role}; create policy {role} on {table} to {role} using (true) with check (true);"
        for role, verbs in rights.items()
    )


def records(*tables: str) -> str:
    """What people see and edit, and nobody deletes."""
    return "".join(lock(table) + allow(table, {VIEWER: READ} | dict.fromkeys(EDITORS, EDIT)) for table in tables)


def parts(*tables: str) -> str:
    """Parts of records, such as lines, that people also take away again."""
    return "".join(lock(table) + allow(table, {VIEWER: READ} | dict.fromkeys(EDITORS, ALL)) for table in tables)


def sync_tables(*tables: str) -> str:
    """A person's save writes there too; only the machine deletes, for retention."""
    rights = {VIEWER: READ} | dict.fromkeys(EDITORS, EDIT) | {MACHINE: ALL}
    return "".join(lock(table) + allow(table, rights) for table in tables)


def audited(*tables: str, secrets: str = "") -> str:
    """Every change leaves a row in audit_log; of the columns `secrets` ("'a', 'b'") only that they changed."""
    return "".join(
        f"create trigger audit after insert or update or delete on {table}"
        f" for each row execute function audit_change({secrets});"
        for table in tables
    )


def touched(*tables: str, function: str = "touch_record") -> str:
    """`updated_at` moves with every real change."""
    return "".join(
        f"create trigger touch before update on {table} for each row execute function {function}();" for table in tables
    )
