"""Children for the tests: what a worker may do, well or badly."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any

from ai.errors import BadInput
from ai.worker.child import Line
from ai.worker.messages import PROTOCOL, BlockRef, Hello
from ai.worker.serve import Task, serve
from ai.worker.shared import Block


@dataclass(frozen=True)
class Do:
    """A job for the child below."""

    job: str
    what: str = "echo"
    path: str = ""
    block: BlockRef | None = None


@dataclass(frozen=True)
class Done:
    job: str
    text: str = ""


def worker(line: Line) -> None:
    """Does what it is told, by the same loop as the real workers."""
    line.send(Hello(PROTOCOL, os.getpid()))
    serve(line, {Do: _do})


def echo(line: Line) -> None:
    """Sends every message back."""
    while True:
        line.send(line.receive())


def never_ready(line: Line) -> None:
    """Dies before it says Hello."""
    os._exit(3)


def slow_to_start(line: Line) -> None:
    """Loads its libraries for a minute."""
    time.sleep(60)


def _do(request: Do, task: Task) -> Any:
    return getattr(_Does, request.what)(request, task)


class _Does:
    @staticmethod
    def echo(request: Do, task: Task) -> Any:
        return Done(request.job, f"{os.getpid()}")

    @staticmethod
    def die(request: Do, task: Task) -> Any:
        os._exit(9)

    @staticmethod
    def say_and_die(request: Do, task: Task) -> Any:
        task.send(Done(request.job))
        os._exit(9)

    @staticmethod
    def patiently(request: Do, task: Task) -> Any:
        """Looks at the cancel event, as a recipe does between its steps."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            task.progress(0.5, "waiting")
            time.sleep(0.005)
        return Done(request.job)

    @staticmethod
    def once_more(request: Do, task: Task) -> Any:
        """Patient until it is stopped; the second time it is done at once."""
        if request.job != "behind":
            return Done(request.job, "begun again")
        return _Does.patiently(request, task)

    @staticmethod
    def deaf(request: Do, task: Task) -> Any:
        """One long C call that never lets another thread run."""
        task.progress(0.1, "deaf")
        sum(range(10**12))
        return Done(request.job)

    @staticmethod
    def refuse(request: Do, task: Task) -> Any:
        raise BadInput("This scan has no slices.", "Open another.")

    @staticmethod
    def run_out_of_memory(request: Do, task: Task) -> Any:
        raise MemoryError

    @staticmethod
    def break_down(request: Do, task: Task) -> Any:
        raise ZeroDivisionError("secret of the bug")

    @staticmethod
    def hurry(request: Do, task: Task) -> Any:
        """Tells far more progress than anyone wants to hear."""
        for n in range(2000):
            task.progress(n / 2000, "hurrying")
        return Done(request.job)

    @staticmethod
    def double(request: Do, task: Task) -> Any:
        """Doubles every voxel of the block."""
        assert request.block is not None
        with Block.attach(request.block, writable=True) as block:
            block.array[...] *= 2
        return Done(request.job)
