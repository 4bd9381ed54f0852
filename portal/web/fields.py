"""The fields of record forms: WTForms fields that know their unit, and one that chooses another record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from wtforms import (
    DateField,
    DecimalField,
    Field,
    Form,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.utils import unset_value
from wtforms.validators import Length, NumberRange, Optional, StopValidation
from wtforms.widgets import TextInput

from portal.vault import masked
from portal.web.formats import plural

LONG_TEXT = 65_535  # Buildium's limit for every long text (MAPPING §6.4)
LARGEST_INTEGER = 2_147_483_647
LONGEST_NUMBER = 40
DECORATION = str.maketrans("", "", "$,% ")
LARGEST_MONEY = Decimal("9999999999999.99")


def trimmed(value: Any) -> Any:
    """Text without blanks around it, its lines ended in one way; None where nothing is left."""
    return (value.replace("\r\n", "\n").strip() or None) if isinstance(value, str) else value


class Trimming:
    """The Meta of every form: what people type is trimmed."""

    def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
        is_text = issubclass(unbound_field.field_class, StringField)
        filters = [*options.get("filters", ()), *([trimmed] if is_text else [])]
        return unbound_field.bind(form=form, **{**options, "filters": filters})


class Checked(Form):
    """A form, or a part of one, with rules over several fields."""

    def checks(self) -> Iterator[tuple[str, str]]:
        """(name of a field, message) for each rule that is broken. To be overridden."""
        return iter(())

    def validate(self, extra_validators: Any = None) -> bool:
        good: bool = super().validate(extra_validators)
        for name, message in self.checks():
            self[name].errors = [*self[name].errors, message]
            good = False
        return good


def line(label: str, longest: int = 100, *more: Any, hint: str = "", **options: Any) -> StringField:
    """One line of text, stripped; empty means no value."""
    return StringField(label, [Optional(), Length(max=longest), *more], description=hint, **options)


def text(label: str, hint: str = "") -> TextAreaField:
    return TextAreaField(label, [Optional(), Length(max=LONG_TEXT)], description=hint, render_kw={"rows": 4})


class Typed(TextInput):
    """A number that is typed. Not type="number": its wheel, and its emptying of what it can't read, lose what people
    typed; the right keyboard comes up all the same."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self.mode = mode

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        return super().__call__(field, inputmode=self.mode, **attributes)


class NumberField(DecimalField):
    """A decimal number that is typed; separators of thousands and the unit may be typed too."""

    widget = Typed("decimal")
    unlike = "Enter a number, such as 12.5."

    def process_formdata(self, valuelist: Any) -> None:
        typed = "".join(valuelist).translate(DECORATION).strip()
        self.data = None
        if not typed:
            return
        try:
            self.data = Decimal(typed[:LONGEST_NUMBER])
        except ArithmeticError as error:
            raise ValueError(self.unlike) from error
        if len(typed) > LONGEST_NUMBER or not self.data.is_finite():
            self.data = None
            raise ValueError(self.unlike)


class MoneyField(NumberField):
    """An amount in dollars and cents."""

    unit_before = "$"
    unlike = "Enter an amount, such as 1250.00."

    def __init__(self, label: str, smallest: int = 0, **options: Any) -> None:
        limits = NumberRange(smallest, LARGEST_MONEY, f"Enter an amount of {smallest} or more.")
        super().__init__(label, [Optional(), readable, limits, decimals(2)], places=2, **options)


class PercentField(NumberField):
    """A share of a hundred with up to four decimals."""

    unit_after = "%"
    unlike = "Enter a percentage, such as 50."

    def __init__(self, label: str, **options: Any) -> None:
        limits = NumberRange(0, 100, "Enter a percentage from 0 to 100.")
        super().__init__(label, [Optional(), readable, limits, decimals(4)], places=None, **options)

    def _value(self) -> str:
        if self.raw_data or self.data is None:
            return str(super()._value())  # type: ignore[misc]
        return format(Decimal(self.data).normalize(), "f")


class WholeField(IntegerField):
    """A whole number from `smallest` to `largest`; separators of thousands may be typed."""

    widget = Typed("numeric")

    def __init__(
        self,
        label: str,
        smallest: int = 0,
        largest: int = LARGEST_INTEGER,
        *more: Any,
        unit: str = "",
        **options: Any,
    ) -> None:
        self.unlike = f"Enter a whole number from {smallest} to {largest}."
        limits = NumberRange(smallest, largest, self.unlike)
        super().__init__(label, [Optional(), readable, limits, *more], **options)
        self.unit_after = unit

    def process_formdata(self, valuelist: Any) -> None:
        typed = "".join(valuelist).translate(DECORATION).strip()
        self.data = None
        if not typed:
            return
        if not typed.removeprefix("-").isdecimal() or len(typed) > LONGEST_NUMBER:
            raise ValueError(self.unlike)
        self.data = int(typed)


class DayField(DateField):
    """A date; the browser's own way of choosing one."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, [Optional(), readable], **options)

    def process_formdata(self, valuelist: Any) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Enter a date as year-month-day, such as 2026-11-21.") from error


class SecretField(StringField):
    """A sealed value: never shown, only its end as a reminder; leaving it empty keeps what is stored."""

    def process_data(self, value: Any) -> None:
        self.data = None
        self.render_kw = {"placeholder": f"{masked(value)} is stored"} if value else {}

    def populate_obj(self, obj: Any, name: str) -> None:
        if self.data:
            super().populate_obj(obj, name)


class CodeField(SelectField):
    """One of a few codes, chosen by its words; `kind` makes the record's value of a code. A stored value that is none
    of them stays until it is changed."""

    def __init__(
        self,
        label: str,
        codes: Mapping[str, str] | Callable[[], Mapping[str, str]],
        hint: str = "",
        blank: str = "Not set",
        kind: Callable[[str], Any] = str,
        **options: Any,
    ) -> None:
        self.codes, self.blank, self.kind = codes, blank, kind
        super().__init__(label, choices=[], coerce=self.filled, description=hint, **options)

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        codes = self.codes() if callable(self.codes) else self.codes
        self.choices = [("", self.blank), *codes.items()]
        super().process(formdata, data, extra_filters)
        stored = self.filled(self.object_data)
        if stored is not None and str(stored) not in codes:
            self.choices.append((str(stored), f"{stored} (unknown to Buildium)"))

    def filled(self, value: Any) -> Any:
        """The code as the record holds it; None for the empty choice."""
        return None if value in (None, "", "None") else self.kind(str(value))


def readable(_: Any, field: Field) -> None:
    """A validator: nothing more is said about what couldn't be read."""
    if field.process_errors:
        raise StopValidation


def decimals(most: int) -> Callable[[Any, Field], None]:
    """A validator: the database would round what has more of them."""

    def check(_: Any, field: Field) -> None:
        if field.data is not None and decimals_of(field.data) > most:
            raise ValidationError(f"Enter a number with {plural(most, 'decimal')} at most.")

    return check


def decimals_of(number: Decimal) -> int:
    _, digits, exponent = number.as_tuple()
    written = "".join(map(str, digits))
    zeros = len(written) - len(written.rstrip("0"))
    return max(0, -int(exponent) - zeros)
