from __future__ import annotations

import pytest

from portal.accounts import passwords


def test_a_password_matches_its_own_hash_only() -> None:
    stored = passwords.hashed("seven lanterns in the fog")
    assert stored.startswith("scrypt:32768:8:3$")
    assert passwords.matches(stored, "seven lanterns in the fog")
    assert not passwords.matches(stored, "seven lanterns in the fo")


def test_nothing_matches_the_hash_of_nobody() -> None:
    assert not passwords.matches(None, "")
    assert not passwords.matches(None, "seven lanterns in the fog")


def test_a_password_beyond_the_longest_never_matches() -> None:
    stored = passwords.hashed("a" * passwords.LONGEST)
    assert passwords.matches(stored, "a" * passwords.LONGEST)
    assert not passwords.matches(stored, "a" * passwords.LONGEST + "b")


def test_both_ways_of_writing_an_accent_are_the_same_password() -> None:
    assert passwords.matches(passwords.hashed("caf\u00e9 au lait noir"), "cafe\u0301 au lait noir")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("elevenchars", "at least 12"),
        ("x" * 201, "at most 200"),
        ("ada.lovelace and more", "name and e-mail"),
        ("I am LOVELACE myself", "name and e-mail"),
        ("Password-1234", "first passwords"),
        ("1234 5678 9012", "first passwords"),
        ("correct horse battery staple", "first passwords"),
        ("aaaaaaaaaaaaaaaa", "first passwords"),
        ("abababababababab", "first passwords"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_in_words(password: str, words: str) -> None:
    assert words in (passwords.objection(password, "ada.lovelace@example.com", "Ada Lovelace") or "")


@pytest.mark.parametrize(
    "password", ["seven lanterns in the fog", "x7#kPq!92mZv", "十二個字的密碼真的很難猜到吧", "y" * 190 + "abcdefghij"]
)
def test_a_password_that_is_hard_to_guess_will_do(password: str) -> None:
    assert passwords.objection(password, "ada@example.com", "Ada Li") is None


def test_a_made_up_password_will_do_and_is_never_the_same() -> None:
    made = {passwords.made_up() for _ in range(50)}
    assert len(made) == 50
    assert all(passwords.objection(each) is None for each in made)
