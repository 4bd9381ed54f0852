"""What makes a row of ours and a record in Buildium look like the same one. Plain data, declared with each mapping."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]
Key = tuple[str, ...]

# As people write the same address or company differently.
SHORT = {
    "street": "st", "avenue": "ave", "road": "rd", "drive": "dr", "boulevard": "blvd", "lane": "ln", "court": "ct",
    "place": "pl", "highway": "hwy", "apartment": "apt", "suite": "ste", "north": "n", "south": "s", "east": "e",
    "west": "w", "incorporated": "inc", "company": "co", "corporation": "corp", "limited": "ltd",
}  # fmt: skip


@dataclass(frozen=True)
class Trait:
    """Something that tells records apart: `words` is what it is called, `places` are the fields that it is made of."""

    words: str
    places: tuple[str, ...]

    def of(self, values: Values) -> str:
        """Normalised; "" where there is nothing of it."""
        return " ".join(part for place in self.places if (part := normal(values.get(place))))


@dataclass(frozen=True)
class Likeness:
    """Records are candidates for each other where one of the traits in `by` is the same. `also` is shown as further
    evidence; `within` are the places of parents that have to be the same, and in Buildium."""

    by: tuple[Trait, ...]
    also: tuple[Trait, ...] = ()
    within: tuple[str, ...] = ()

    def keys(self, values: Values) -> set[Key]:
        """What a candidate has to share one of; none where a parent isn't in Buildium."""
        parents = tuple(normal(values.get(place)) for place in self.within)
        if not all(parents):
            return set()
        return {(trait.words, *parents, text) for trait in self.by if (text := trait.of(values))}

    def evidence(self, ours: Values, theirs: Values) -> list[dict[str, Any]]:
        """What speaks for and against, as far as both sides say something."""
        pairs = [(trait, trait.of(ours), trait.of(theirs)) for trait in (*self.by, *self.also)]
        return [
            {"words": f"{'same' if mine == yours else 'other'} {trait.words}", "same": mine == yours}
            for trait, mine, yours in pairs
            if mine and yours
        ]


def normal(value: Any) -> str:
    """Without case, accents, punctuation, and what is abbreviated by one and written out by another."""
    if value is None:
        return ""
    plain = unicodedata.normalize("NFKD", str(value)).casefold()
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    words = re.sub(r"[^\w]+", " ", plain.replace("'", "").replace("’", "")).split()
    return " ".join(SHORT.get(word, word) for word in words)


NAME = Trait("name", ("Name",))
COMPANY = Trait("company name", ("CompanyName",))
PERSON = Trait("name of a person", ("FirstName", "LastName"))
ADDRESS = Trait("address", ("Address.AddressLine1", "Address.PostalCode"))
BY_NAME = Likeness((NAME,))
