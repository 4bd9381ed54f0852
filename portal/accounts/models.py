"""The people who sign in, their sessions, and the attempts that the throttle counts."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, Enum, ForeignKey, Index, String, Text, func, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.acting import Role
from portal.database import Base, Moment, Record, str255


class User(Record, Base):
    """Somebody who may sign in. Never deleted: what they did stays under their name."""

    __tablename__ = "users"

    email: Mapped[str255]
    name: Mapped[str255]
    role: Mapped[Role] = mapped_column(
        Enum(
            Role, native_enum=False, create_constraint=False, length=20, values_callable=lambda e: [r.value for r in e]
        )
    )
    password_hash: Mapped[str255]
    is_active: Mapped[bool] = mapped_column(server_default=true())
    must_change_password: Mapped[bool] = mapped_column(server_default=true())
    last_sign_in_at: Mapped[Moment | None]

    __table_args__ = (
        CheckConstraint("role in ('viewer', 'staff', 'manager', 'administrator')", name="role"),
        Index("users_email_key", text("lower(email::text)"), unique=True),
        Index("users_name_idx", text('lower(name::text) COLLATE "C"'), "id"),
    )

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_anonymous = False

    def get_id(self) -> str:
        return str(self.id)

    def __str__(self) -> str:
        return self.name


class UserSession(Base):
    """One signed-in browser. The cookie only names it, so that ending the row really ends the session."""

    __tablename__ = "user_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, server_default=func.gen_random_uuid())
    token_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[Moment] = mapped_column(server_default=func.now())
    expires_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    address: Mapped[str | None] = mapped_column(Text)
    user_agent: Mapped[str | None] = mapped_column(Text)

    user: Mapped[User] = relationship()

    __table_args__ = (
        Index("user_sessions_token_hash_key", "token_hash", unique=True),
        Index("user_sessions_user_id_idx", "user_id", text("created_at desc")),
        Index("user_sessions_expires_at_idx", "expires_at"),
    )


class SignInAttempt(Base):
    """One try to sign in. Keeps a hash of the e-mail, because people type passwords into that field."""

    __tablename__ = "sign_in_attempts"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    email_key: Mapped[str] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(Text)
    at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    succeeded: Mapped[bool]

    __table_args__ = (
        Index("sign_in_attempts_email_key_idx", "email_key", text("at desc")),
        Index("sign_in_attempts_address_idx", "address", text("at desc")),
        Index("sign_in_attempts_at_idx", "at"),
    )
