"""Passwords: how they are kept, which are refused, and how one is made up for somebody."""

from __future__ import annotations

import re
import secrets
import unicodedata

from werkzeug.security import check_password_hash, generate_password_hash

# What OWASP asks of scrypt (N = 2^15, r = 8, p = 3). It is part of Python's own hashlib; argon2-cffi would be as good,
# but its compiled part has no wheel for every platform that `make up` must start on.
METHOD = "scrypt:32768:8:3"
# The hash of a random password that nobody kept: checking it takes an unknown e-mail address as long as a known one.
NOBODYS = (
    "scrypt:32768:8:3$yqMM17yLZTGM8YKg$62821f75351fa088291434011be4a45ca484d2fc1f649d81ffa23731cfddc8b6"
    "508a8674af7ca9ac9ed9660a31068613ef51088459272e5e18cd05259f5a4e21"
)
SHORTEST, LONGEST = 12, 200
# Letters and digits that nobody confuses on paper or on the telephone.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

# The most common passwords of at least twelve characters, without spaces and punctuation.
LIST_OF_COMMON = """
    123456789012 1234567890123 12345678901234 123456789123 1234567891011 012345678910 123123123123 1q2w3e4r5t6y
    1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv qwertyuiop12 qwertyuiop123 qwertyuiopasdf qwerty123456 qwerty1234567
    qwertyqwerty asdfghjkl123 zaq12wsxcde3 password1234 password12345 password123456 passwordpassword password2024
    password2025 password2026 mypassword123 administrator administrator1 admin1234567 adminadmin123 adminadminadmin
    changeme1234 changemenow1 letmein12345 letmeinplease welcome12345 welcome123456 iloveyou1234 iloveyouforever
    iloveyousomuch abcdefghijkl abcdefghijklm abcd12345678 abc123456789 a1b2c3d4e5f6 trustno1trustno1 monkey123456
    dragon123456 football1234 baseball1234 superman1234 sunshine1234 princess1234 unbelievable minecraft123
    correcthorsebatterystaple thequickbrownfox propertymanager propertymanager1 propertymanagement buildium1234
    buildium12345 summer202412 q1w2e3r4t5y6 qazwsxedcrfv 987654321098 0987654321098 098765432109 111222333444
"""
COMMON = frozenset(LIST_OF_COMMON.split())


def hashed(password: str) -> str:
    return generate_password_hash(one_spelling(password), METHOD)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; takes the same time where nothing is stored. False beyond LONGEST."""
    right = check_password_hash(stored or NOBODYS, one_spelling(password[:LONGEST]))
    return right and stored is not None and len(password) <= LONGEST


def one_spelling(password: str) -> str:
    """Keyboards write “é” as one character or as two; both must be the same password."""
    return unicodedata.normalize("NFKC", password)


def objection(password: str, email: str = "", name: str = "") -> str | None:
    """Why this password is refused, in words for the person choosing it; None for one that will do."""
    if len(password) < SHORTEST:
        return f"Choose at least {SHORTEST} characters. A few unrelated words are easy to remember and hard to guess."
    if len(password) > LONGEST:
        return f"Choose at most {LONGEST} characters."
    if any(part in password.casefold() for part in parts_of(email, name)):
        return "Leave your name and e-mail address out of the password."
    plain = re.sub(r"[\W_]", "", password.casefold())
    if plain in COMMON or len(set(plain)) < 5:
        return "This is among the first passwords that anybody would try. Choose another."
    return None


def parts_of(email: str, name: str) -> set[str]:
    """What may not stand in the password: the address, what precedes its @, and each word of the name."""
    email = email.casefold()
    parts = {email, email.partition("@")[0], *re.split(r"\W+", name.casefold())}
    return {part for part in parts if len(part) >= 4}


def made_up() -> str:
    """A password for once: sixteen characters (79 bits) in groups of four."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
