"""An application that wears Hilum's look."""

from tests.views.conftest import themed

__all__ = ["themed"]
