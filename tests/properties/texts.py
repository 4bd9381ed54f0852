"""Texts as people and programs write them: all that a form or an answer of Buildium may hold."""

from __future__ import annotations

from hypothesis import strategies as st

# Four bytes each, combining, right to left, without width, what only looks like the end of a line, and blanks.
ODD = (
    *("👩\u200d👧", "𝔘nit", "e\u0301", "Å", "عربي", "עברית", "\u202eabc", "\u200b1", "ﬁ", "ß", "İ", "a\u2028b"),
    *("\u00a0x\u00a0", "O'Brien", '"a"', "a\\b", "<b>&amp;", "100 %", "=1+1", "a  b", "a\tb", "\ta", "a\nb", "a\r\nb"),
    *("\na\n", "  ", "0", "None"),
)  # fmt: skip
LETTERS = st.characters(exclude_categories=("Cs", "Cc"))
MOST = 300  # the limits of 65,535 characters are kept in the same way


def texts(longest: int | None = None, shortest: int = 0) -> st.SearchStrategy[str]:
    """Any text of `shortest` to `longest` characters."""
    top = min(longest or 60, 60)
    odd = [(each * shortest)[:top] if len(each) < shortest else each[:top] for each in ODD]
    exact = [letter * longest for letter in ("x", "👩", "ع") if longest and longest <= MOST]
    return st.one_of(st.sampled_from([*odd, *exact]), st.text(LETTERS, min_size=shortest, max_size=top))


def as_a_form_sends_it(text: str) -> str | None:
    """Line ends as one character, blanks at the ends cut off, and nothing as None: how forms and pulls keep a text."""
    return text.replace("\r\n", "\n").strip() or None
