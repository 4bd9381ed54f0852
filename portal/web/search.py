"""Searching a list: every word must be found, in a way that the trigram index of `search_text` can answer."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

SHORTEST = 3  # a trigram index finds no shorter word in the middle of another one
MOST_WORDS = 8
LONGEST = 200
LAST_CHARACTER = "\U0010ffff"
PHONE = re.compile(r"[\d\s()+./-]+", re.ASCII)
FEWEST_DIGITS = 7

SearchText = ColumnElement[str] | Any  # or the mapped attribute of one


def found(text: SearchText, sought: str) -> ColumnElement[bool]:
    """`text` holds every word of `sought`; words of one or two letters must be the beginning of one of its words.

    What looks like a phone number is also found by its digits alone, however it was written.
    """
    words = and_(*(holds(text, escaped(word)) for word in sought[:LONGEST].lower().split()[:MOST_WORDS]))
    digits = digits_of(sought)
    return words if not digits or digits == sought else or_(words, holds(text, digits))


def digits_of(sought: str) -> str:
    """The digits of what may be a phone number; empty for anything else."""
    digits = re.sub(r"\D", "", sought, flags=re.ASCII)
    return digits if PHONE.fullmatch(sought) and len(digits) >= FEWEST_DIGITS else ""


def holds(text: SearchText, word: str) -> ColumnElement[bool]:
    if len(word) >= SHORTEST:
        return like(text, f"%{word}%")
    return or_(like(text, f"{word}%"), like(text, f"% {word}%"))


def like(text: SearchText, pattern: str) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = text.like(pattern, escape="\\")
    return condition


def beginning(order: ColumnElement[str] | Any, words: str) -> ColumnElement[bool]:
    """The sort value of a name (portal.web.screen.by_name) begins with `words`; its index serves this."""
    start = words.lower()
    return and_(order >= start, order <= start + LAST_CHARACTER)


def escaped(word: str) -> str:
    """The word as LIKE takes it literally."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
