"""The watchdog tells how long the loop did not answer and where; the memory probe what is held."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest
from pytestqt.qtbot import QtBot

from tests.packaging.test_bench import BENCH

assert str(BENCH) in sys.path

import probe_memory  # noqa: E402
import watchdog  # noqa: E402

HELD_S = 0.2


def hold_up() -> None:
    """What a slot does that computes for too long."""
    ends = time.monotonic() + HELD_S
    while time.monotonic() < ends:
        sum(range(100))


def beats(dog: watchdog.Watchdog) -> int:
    return sum(phase.beats for phase in dog.phases)


def test_a_stall_is_told_with_its_length_its_work_and_where_it_was(qtbot: QtBot) -> None:
    dog = watchdog.Watchdog()
    dog.enter("quiet")
    qtbot.waitUntil(lambda: beats(dog) > 3)
    dog.enter("busy")
    hold_up()
    qtbot.waitUntil(lambda: len(dog.phases[-1].stalls) == 1)
    dog.close()
    quiet, busy = dog.phases
    assert (quiet.name, busy.name) == ("quiet", "busy") and quiet.ended == busy.began
    (stall,) = busy.stalls
    assert HELD_S - 2 * watchdog.BEAT_S < stall.seconds == busy.longest_s
    assert 0 < stall.cpu_s <= busy.busiest_s <= stall.seconds + 0.05
    assert "test_watchdog.py" in stall.stack[-1] and stall.stack[-1].endswith(" hold_up")


def test_a_stall_belongs_to_the_phase_in_which_it_began(qtbot: QtBot) -> None:
    dog = watchdog.Watchdog()
    dog.enter("first")
    hold_up()
    dog.enter("second")
    dog.close()
    dog.close()
    assert len(dog.phases[0].stalls) == 1 and dog.phases[1].stalls == []


def test_looking_keeps_nothing_alive_that_the_main_thread_let_go_of(qtbot: QtBot) -> None:
    """The last one to hold a frame ends what is in it, on its thread: pictures, widgets."""
    ended: list[int] = []

    class Told:
        def __del__(self) -> None:
            ended.append(threading.get_ident())

    def hold(_told: Told) -> None:
        ends = time.monotonic() + 3 * watchdog.LOOKS_EVERY_S
        while time.monotonic() < ends:
            sum(range(100))

    dog = watchdog.Watchdog(stall_s=0.01)
    dog.enter("all")
    for _ in range(12):
        hold(Told())
    dog.close()
    assert ended == [threading.get_ident()] * 12
    assert any(dog.phases[0].stalls)


def test_of_a_dump_only_the_threads_own_calls_are_taken() -> None:
    dump = (
        "Thread 0x00000000000000aa (most recent call first):\n"
        '  File "/a/b/c.py", line 3 in wait\n\n'
        "Current thread 0x00000000000000bb (most recent call first):\n"
        '  File "/x/d e/f.py", line 12 in <lambda>\n  File "g.py", line 1 in <module>\n'
    )
    assert watchdog.stack_in(dump, 0xBB) == ("g.py:1 <module>", "d e/f.py:12 <lambda>")
    assert watchdog.stack_in(dump, 0xBB, depth=1) == ("d e/f.py:12 <lambda>",)
    assert watchdog.stack_in(dump, 0xAA) == ("b/c.py:3 wait",)
    assert watchdog.stack_in(dump, 0xCC) == ()


def test_a_loop_that_answers_has_beats_and_no_stall(qtbot: QtBot) -> None:
    dog = watchdog.Watchdog(stall_s=10.0)
    dog.enter("all")
    qtbot.waitUntil(lambda: beats(dog) > 5)
    dog.close()
    assert dog.phases[0].stalls == [] and 0 <= dog.phases[0].longest_s < 10


def test_a_sleeper_knows_how_late_it_woke_in_a_span_and_nothing_of_others() -> None:
    sleeper = watchdog.Sleeper()
    began = time.monotonic()
    awake = threading.Event()
    while time.monotonic() < began + 0.1:
        awake.wait(0.02)
    sleeper.close()
    assert 0 < sleeper.latest_s(began, time.monotonic()) < 10
    assert sleeper.latest_s(began - 20, began - 10) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="smaps_rollup is Linux's")
def test_a_family_is_all_processes_below_one_and_holds_what_each_does() -> None:
    code = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'input()'])"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    try:
        ends = time.monotonic() + 20
        while len(family := probe_memory.family_of(child.pid)) < 2 and time.monotonic() < ends:
            os.sched_yield()
        assert len(family) == 2 and child.pid in family
        held = probe_memory.held_by(family)
        assert len(held.each) == 2 and held.pss_mb > 1
        assert held.pss_mb == pytest.approx(sum(held.each), abs=0.2)
    finally:
        child.communicate(b"\n", timeout=20)
    with pytest.raises(OSError):
        probe_memory.held_by([child.pid])


@pytest.mark.skipif(sys.platform != "linux", reason="smaps_rollup is Linux's")
def test_a_block_counts_once_mapped_in_or_not() -> None:
    """PSS knows only what a process has touched; the rest of a block is memory all the same."""
    # in a process of its own: this one may still map memory of the tests before it
    ran = subprocess.run(
        [sys.executable, "-c", BLOCK_AND_SEE, str(BENCH)],
        capture_output=True, text=True, cwd=BENCH.parents[1],
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    if ran.stdout.startswith("elsewhere"):
        pytest.skip("shared memory is too small here")
    untouched, touched, grown = (float(word) for word in ran.stdout.split())
    assert untouched == pytest.approx(16, abs=1)
    assert touched == pytest.approx(0, abs=1)
    assert grown == pytest.approx(16, abs=3)


BLOCK_AND_SEE = """
import os, sys
sys.path[:0] = [sys.argv[1], os.getcwd()]
import numpy as np
import probe_memory
from ai.worker.shared import Block
here = [os.getpid()]
before = probe_memory.held_by(here)
block = Block.create((16, 512, 512), "float32")  # 16 MB
if block.ref.name.startswith("/"):
    print("elsewhere")
    sys.exit()
untouched = probe_memory.held_by(here)
assert np.all(block.array == 0)
touched = probe_memory.held_by(here)
print(untouched.blocks_mb - before.blocks_mb, touched.blocks_mb - before.blocks_mb,
      touched.pss_mb - untouched.pss_mb)
block.free()
"""


def test_it_is_quiet_only_when_all_children_are_up_and_none_works() -> None:
    quiet = probe_memory.Quiet(os.getpid(), 0)
    assert not quiet.now()  # nothing to compare with yet
    waited = threading.Event()
    waited.wait(0.05)
    assert quiet.now()
    many = probe_memory.Quiet(os.getpid(), 1000)
    assert not many.now() and not many.now()
