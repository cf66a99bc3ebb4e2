"""Which device computes, how many threads it may use, and whether it ran out of memory."""

from __future__ import annotations

import os

import torch

from ai.errors import BadInput

NAMES = ("auto", "cuda", "mps", "cpu")
_SIGNS = (
    *("out of memory", "not enough memory", "can't allocate", "bad_alloc"),
    *("cannot allocate", "failed to allocate", "bad allocation"),
)
"""How torch, OpenVINO and the libraries below them say it."""


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; auto takes a GPU where there is one.

    Raises BadInput for a name that is none, or a device that this machine lacks.
    """
    if name not in NAMES:
        raise BadInput(f"There is no device named {name!r}.", f"Devices: {', '.join(NAMES)}.")
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next((kind for kind, found in there.items() if found), "cpu"))
    if not there.get(name, True):
        raise BadInput(f"This machine has no {name.upper()} device.", "Take auto or cpu.")
    return torch.device(name)


def is_gpu(device: torch.device) -> bool:
    """Whether it computes beside the processor, with memory of its own or a share of it."""
    return device.type in ("cuda", "mps")


def named(device: torch.device) -> str:
    """What a device calls itself: CPU, Apple GPU, or a graphics card's own name."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return "Apple GPU" if device.type == "mps" else "CPU"


def use_threads(count: int = 0) -> None:
    """So many threads on the CPU; 0 leaves one core to the window.

    On a busy machine a thread for every core is slower than fewer: they wait for each other.
    """
    torch.set_num_threads(count if count > 0 else max(1, (os.cpu_count() or 2) - 1))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that the device had too little memory."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    words = str(error).lower()
    return isinstance(error, RuntimeError) and any(sign in words for sign in _SIGNS)
