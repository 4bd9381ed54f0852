"""How deep the properties are searched: the same examples in every run, and as many more as PROPERTIES says.

`PROPERTIES=50 pytest tests/properties` tries fifty times as many, other ones each time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("PROPERTIES", "1"))
# Records have dozens of values: making an example smaller takes minutes, so that is done when one is looked for.
PHASES = (Phase.explicit, Phase.generate, *((Phase.shrink,) if TIMES > 1 else ()))
# Fixtures last for the test here, not for one example: what an example changes, it leaves behind on purpose or undoes.
ALLOWED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much)


def examples(number: int) -> settings:
    """For `@examples(100)` above `@given`."""
    return settings(
        max_examples=number * TIMES,
        derandomize=TIMES == 1,
        phases=PHASES,
        database=None,
        deadline=None,
        suppress_health_check=ALLOWED,
    )
