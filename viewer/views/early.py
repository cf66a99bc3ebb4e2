"""What comes with the first picture and the first outline, loaded while the reader chooses a study.

Loaded when first needed it would hold the window up for a fifth of a second.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Sequence

log = logging.getLogger(__name__)

MODULES = (
    "vtkmodules.vtkCommonMath",
    "vtkmodules.vtkCommonDataModel",
    "vtkmodules.vtkImagingCore",
    "vtkmodules.util.numpy_support",
    "vtkmodules.vtkFiltersCore",
    "numpy.random",
)


def load_early(modules: Sequence[str] = MODULES) -> threading.Thread:
    """Loads them on a thread; a program that ends meanwhile waits for it."""

    def load() -> None:
        for name in modules:
            try:
                importlib.import_module(name)
            except ImportError:
                log.exception("%s cannot be loaded ahead; what needs it will say so", name)

    thread = threading.Thread(target=load, name="early")
    thread.start()
    return thread
