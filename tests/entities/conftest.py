from tests.entities.paying import desk, payment
from tests.web.conftest import manager, store, stored

__all__ = ["desk", "manager", "payment", "store", "stored"]
