from tests.web.conftest import manager, store, stored

__all__ = ["manager", "store", "stored"]
