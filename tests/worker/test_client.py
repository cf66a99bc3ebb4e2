"""A worker that is asked, cancelled, killed and replaced: real processes, real deaths."""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ai.worker.child import Child
from ai.worker.client import WorkerClient, child
from ai.worker.messages import Failed, Hello, Progress
from ai.worker.shared import Block
from tests.worker.children import Do, Done, echo, never_ready, slow_to_start, worker

WAIT_S = 20.0


class Ear:
    """Hears what a client tells, in order."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self._coming: queue.Queue[Any] = queue.Queue()

    def __call__(self, message: Any) -> None:
        self._coming.put(message)

    def until(self, wanted: Callable[[Any], bool], seconds: float = WAIT_S) -> Any:
        """The next message that is wanted; those before it are kept in `heard`."""
        end = time.monotonic() + seconds
        while True:
            message = self._coming.get(timeout=max(0.01, end - time.monotonic()))
            self.heard.append(message)
            if wanted(message):
                return message

    def answer(self, job: str) -> Any:
        return self.until(lambda m: isinstance(m, (Done, Failed)) and m.job == job)

    def hello(self) -> Hello:
        found = self.until(lambda m: isinstance(m, Hello))
        assert isinstance(found, Hello)
        return found

    def at_work(self, job: str) -> None:
        """Waits until the job itself has spoken, beyond having been taken up."""
        self.until(lambda m: isinstance(m, Progress) and m.job == job and m.step != "")


class Asked:
    """A worker to ask: its client, and an ear that hears this test's answers only."""

    def __init__(self) -> None:
        self.ear = Ear()
        self.client = WorkerClient(
            lambda message: self.ear(message),
            child(worker, name="test-worker"),
            spare=False,
            check=lambda message: None,
        )
        self._pids = itertools.count(1)

    def ask(self, job: str, what: str = "echo", **more: Any) -> None:
        self.client.submit(Do(job, what, **more))

    def pid(self) -> int:
        """The worker's process id, asked of the worker itself."""
        job = f"pid-{next(self._pids)}"
        self.ask(job)
        return int(self.ear.answer(job).text)


@pytest.fixture(scope="module")
def lasting() -> Iterator[Asked]:
    it = Asked()
    yield it
    it.client.close()


@pytest.fixture
def living(lasting: Asked) -> Asked:
    """For tests that leave the worker alive: they share one."""
    lasting.ear = Ear()
    return lasting


@pytest.fixture
def doomed() -> Iterator[Asked]:
    """For tests that kill their worker: one of their own."""
    it = Asked()
    yield it
    it.client.close()


@pytest.fixture
def ear() -> Ear:
    return Ear()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_until(holds: Callable[[], bool], seconds: float = WAIT_S) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def test_jobs_are_answered_one_by_one_in_order(living: Asked) -> None:
    pid = living.pid()
    for n in range(5):
        living.ask(f"job-{n}")
    living.ear.answer("job-4")
    done = [m for m in living.ear.heard if isinstance(m, Done) and m.job.startswith("job")]
    assert [m.job for m in done] == [f"job-{n}" for n in range(5)]
    assert {m.text for m in done} == {str(pid)}


def test_a_job_asked_for_before_the_worker_is_ready_waits_for_it(doomed: Asked) -> None:
    doomed.ask("early")
    assert isinstance(doomed.ear.answer("early"), Done)


def test_voxels_cross_in_a_block_and_not_in_the_message(living: Asked) -> None:
    with Block.create((20, 30, 40), "int16") as block:
        block.array[...] = 21
        living.ask("double", "double", block=block.ref)
        assert isinstance(living.ear.answer("double"), Done)
        assert np.all(block.array == 42)


def test_a_worker_killed_in_the_middle_costs_one_sentence(doomed: Asked) -> None:
    pid = doomed.pid()
    doomed.ask("long", "patiently")
    doomed.ear.at_work("long")
    os.kill(pid, signal.SIGKILL)
    answer = doomed.ear.answer("long")
    assert answer == Failed("long", "The AI process ended. Your reading is safe.", "Run it again.")
    doomed.ask("next")
    assert isinstance(doomed.ear.answer("next"), Done)


def test_a_new_worker_starts_by_itself_after_a_death(doomed: Asked) -> None:
    doomed.client.start()
    first = doomed.ear.hello().pid
    os.kill(first, signal.SIGKILL)
    assert doomed.ear.hello().pid != first


def test_a_job_asked_for_while_a_dead_worker_is_replaced_waits_and_runs(doomed: Asked) -> None:
    os.kill(doomed.pid(), signal.SIGKILL)
    doomed.ask("while-dead")
    assert isinstance(doomed.ear.answer("while-dead"), Done)


def test_a_job_that_kills_its_worker_is_not_tried_again(doomed: Asked) -> None:
    doomed.ask("deadly", "die")
    assert doomed.ear.answer("deadly").sentence == "The AI process ended. Your reading is safe."
    doomed.ask("after")
    assert isinstance(doomed.ear.answer("after"), Done)
    taken_up = [m for m in doomed.ear.heard if isinstance(m, Progress) and m.job == "deadly"]
    assert len(taken_up) == 1


def test_a_job_gets_one_answer_even_if_the_worker_dies_right_after_it(doomed: Asked) -> None:
    doomed.ask("last-words", "say_and_die")
    doomed.ask("next")
    doomed.ear.answer("next")
    heard = doomed.ear.heard
    answers = [m for m in heard if isinstance(m, (Done, Failed)) and m.job == "last-words"]
    assert answers == [Done("last-words")]


def test_a_worker_that_listens_keeps_its_process_when_cancelled(living: Asked) -> None:
    pid = living.pid()
    living.ask("long", "patiently")
    living.ear.at_work("long")
    living.client.cancel("long")
    assert living.ear.answer("long").cancelled
    assert living.pid() == pid


def test_a_worker_deep_in_a_c_call_is_replaced_within_300_ms(doomed: Asked) -> None:
    pid = doomed.pid()
    doomed.ask("deaf", "deaf")
    doomed.ear.at_work("deaf")
    asked_s = time.monotonic()
    doomed.client.cancel("deaf")
    assert doomed.ear.answer("deaf").cancelled
    assert time.monotonic() - asked_s < 0.3
    wait_until(lambda: gone(pid))
    doomed.ask("next")
    assert isinstance(doomed.ear.answer("next"), Done)


def test_a_job_that_waits_is_cancelled_without_touching_the_one_that_runs(living: Asked) -> None:
    living.ask("long", "patiently")
    living.ask("waiting")
    living.ear.at_work("long")
    living.client.cancel("waiting")
    assert living.ear.answer("waiting").cancelled
    living.client.cancel("long")
    assert living.ear.answer("long").cancelled


def test_a_job_that_yields_makes_room_and_is_begun_again(living: Asked) -> None:
    living.client.submit(Do("behind", "once_more"), yields=True)
    living.ear.at_work("behind")
    living.ask("asked")
    assert isinstance(living.ear.answer("asked"), Done)
    heard = living.ear.heard
    waits = [m for m in heard if isinstance(m, Progress) and m.step.startswith("Waits")]
    assert [m.job for m in waits] == ["behind"]
    assert living.ear.answer("behind") == Done("behind", "begun again")


def test_a_job_that_yields_and_hears_nothing_makes_room_within_300_ms(doomed: Asked) -> None:
    doomed.client.submit(Do("behind", "deaf"), yields=True)
    doomed.ear.at_work("behind")
    asked_s = time.monotonic()
    doomed.ask("asked")
    doomed.ear.until(lambda m: isinstance(m, Progress) and m.step.startswith("Waits"))
    assert time.monotonic() - asked_s < 0.3
    assert isinstance(doomed.ear.answer("asked"), Done)
    doomed.ear.at_work("behind")
    doomed.client.cancel("behind")
    assert doomed.ear.answer("behind").cancelled


def test_a_job_that_yields_waits_behind_all_others_and_can_be_cancelled(living: Asked) -> None:
    living.ask("long", "patiently")
    living.client.submit(Do("behind"), yields=True)
    living.ask("asked")
    living.ear.at_work("long")
    living.client.cancel("long")
    living.ear.answer("behind")
    done = [m.job for m in living.ear.heard if isinstance(m, Done) and m.job != "long"]
    assert done[-2:] == ["asked", "behind"]


def test_a_job_that_made_room_and_was_cancelled_meanwhile_is_not_begun_again(living: Asked) -> None:
    living.client.submit(Do("behind", "patiently"), yields=True)
    living.ear.at_work("behind")
    living.ask("asked")
    living.client.cancel("behind")
    assert living.ear.answer("behind").cancelled
    assert isinstance(living.ear.answer("asked"), Done)


def test_cancelling_what_is_over_or_unknown_changes_nothing(living: Asked) -> None:
    living.client.cancel("never-heard-of")
    living.ask("brief")
    living.ear.answer("brief")
    living.client.cancel("brief")
    living.ask("next")
    assert isinstance(living.ear.answer("next"), Done)
    assert not [m for m in living.ear.heard if isinstance(m, Failed)]


def test_a_spare_worker_takes_over_without_a_start(ear: Ear) -> None:
    starts: list[float] = []
    real = child(worker, name="spared")

    def counted(on_message: Callable[[Any], None], on_death: Callable[[int | None], None]) -> Any:
        starts.append(time.monotonic())
        return real(on_message, on_death)

    client = WorkerClient(ear, counted, check=lambda message: None, spare_after_s=0.0)
    client.submit(Do("first"))
    ear.answer("first")
    wait_until(lambda: len(starts) == 2 and client._spare is not None)
    spare = client._spare
    assert spare is not None
    wait_until(lambda: spare.ready)
    client.submit(Do("deaf", "deaf"))
    ear.at_work("deaf")
    client.cancel("deaf")
    assert ear.answer("deaf").cancelled
    client.submit(Do("next"))
    assert isinstance(ear.answer("next"), Done)
    assert client._worker is spare
    client.close()


def test_errors_become_sentences_and_the_worker_lives_on(
    living: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    pid = living.pid()
    living.ask("refuse", "refuse")
    refused = Failed("refuse", "This scan has no slices.", "Open another.")
    assert living.ear.answer("refuse") == refused
    living.ask("memory", "run_out_of_memory")
    assert living.ear.answer("memory").sentence == "There is not enough memory for this."
    with caplog.at_level(logging.ERROR):
        living.ask("bug", "break_down")
        bug = living.ear.answer("bug")
    assert bug.sentence == "An internal error; details are in the log."
    assert "secret of the bug" not in bug.sentence + bug.remedy
    assert "secret of the bug" in caplog.text  # the child's trace is in the one log
    assert living.pid() == pid


def test_progress_comes_ten_times_a_second_at_most(living: Asked) -> None:
    living.pid()
    began_s = time.monotonic()
    living.ask("hurry", "hurry")
    living.ear.answer("hurry")
    told = [m for m in living.ear.heard if isinstance(m, Progress) and m.job == "hurry"]
    assert len(told) <= 2 + 10 * (time.monotonic() - began_s)


def test_a_worker_that_cannot_start_is_said_once_for_each_job(ear: Ear) -> None:
    client = WorkerClient(ear, child(never_ready, name="stillborn"), spare=False)
    client.submit(Do("hopeless"))
    assert ear.answer("hopeless").sentence == "The AI process does not start."
    client.close()


def test_a_reply_that_breaks_the_contract_ends_the_worker(ear: Ear) -> None:
    # Done is none of the AI's messages.
    client = WorkerClient(ear, child(worker, name="liar"), spare=False)
    client.submit(Do("job"))
    assert ear.answer("job").sentence == "The AI process ended. Your reading is safe."
    client.close()


def test_closing_ends_the_worker_and_leaves_no_zombie(ear: Ear) -> None:
    client = WorkerClient(ear, child(worker, name="closing"), check=lambda message: None)
    client.start()
    pid = ear.hello().pid
    client.submit(Do("deaf", "deaf"))
    ear.at_work("deaf")
    began_s = time.monotonic()
    client.close(timeout=0.2)
    client.close()
    assert time.monotonic() - began_s < 2
    assert gone(pid)
    assert not Path(f"/proc/{pid}").exists()


def test_asking_and_cancelling_never_wait_for_the_worker(doomed: Asked) -> None:
    doomed.ask("deaf", "deaf")
    doomed.ear.at_work("deaf")
    began_s = time.monotonic()
    for n in range(100):
        doomed.ask(f"job-{n}", path="x" * 100_000)
        doomed.client.cancel(f"job-{n}")
    assert time.monotonic() - began_s < 0.2


def test_closing_while_the_worker_still_starts_leaves_nothing() -> None:
    deaths: queue.Queue[int | None] = queue.Queue()
    it = Child(slow_to_start, name="slow", on_message=lambda m: None, on_death=deaths.put)
    wait_until(lambda: it.pid is not None)
    began_s = time.monotonic()
    it.stop(timeout=5.0)
    assert time.monotonic() - began_s < 5.0
    assert deaths.get(timeout=WAIT_S) == 0  # it went by itself, before its long start was over


def test_a_child_sends_back_what_it_is_sent_and_its_death_is_told_once() -> None:
    messages: queue.Queue[Any] = queue.Queue()
    deaths: queue.Queue[int | None] = queue.Queue()
    it = Child(echo, name="echo", on_message=messages.put, on_death=deaths.put)
    it.send(("any", 1))
    assert messages.get(timeout=WAIT_S) == ("any", 1)
    it.kill()
    assert deaths.get(timeout=WAIT_S) == -signal.SIGKILL
    it.send("to nobody")
    it.stop()
    assert deaths.empty() and not it.alive
    assert it.pid is not None and gone(it.pid)


def test_a_child_killed_before_it_is_spawned_is_dead_too() -> None:
    deaths: queue.Queue[int | None] = queue.Queue()
    it = Child(echo, name="unborn", on_message=lambda message: None, on_death=deaths.put)
    it.kill()
    deaths.get(timeout=WAIT_S)
    assert it.pid is None or gone(it.pid)


def test_ctrl_c_does_not_reach_the_worker(living: Asked) -> None:
    pid = living.pid()
    os.kill(pid, signal.SIGINT)
    assert living.pid() == pid


def test_no_child_of_a_closed_client_is_left(ear: Ear) -> None:
    client = WorkerClient(ear, child(worker, name="counted"), check=lambda message: None)
    client.submit(Do("job"))
    ear.answer("job")
    client.close()
    assert [p for p in multiprocessing.active_children() if p.name == "counted"] == []
    assert [t for t in threading.enumerate() if t.name == "counted-line"] == []
