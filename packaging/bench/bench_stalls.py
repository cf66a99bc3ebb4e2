"""Row of the main thread: how long the window did not answer while it loads, finds and exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench_measure import Figure
from bench_probe import OFFSCREEN, Watched, window
from bench_scans import Setting, jpeg_ls_series, phantom_series, plain_series, real_scan
from watchdog import Sleeper, Stall

LIMIT_MS = 100.0
IDLE = "idle window"
IDLE_MS = 5000
SETTLE_MS = 700
ACCEPTED, STROKES = 5, 4
ROOMS = ("ai/", "viewer/", "panels/", "views/", "reading/", "dicom/", "worker/", "scan/")


@dataclass(frozen=True)
class Seen:
    """One phase of one life: the longest silence, and the most that was computed in any one.

    noise_ms: how late this idle process woke meanwhile, at most.
    """

    name: str
    longest_ms: float
    busiest_ms: float
    noise_ms: float
    stalls: list[Stall]


def stalls(setting: Setting) -> list[Figure]:
    """The longest silence of the window's event loop in each phase, over all lives.

    Each life is one reading in a fresh process: nothing was loaded or drawn before. The idle
    window, watched in the same lives, tells what of it is the machine's.
    """
    sleeper = Sleeper()
    try:
        lives = [_phases(_life(setting), sleeper) for _ in range(setting.pairs(3))]
    finally:
        sleeper.close()
    idle_ms = max(seen.longest_ms for life in lives for seen in life if seen.name == IDLE)
    names = [seen.name for seen in lives[0]]
    return [
        _figure(name, [s for life in lives for s in life if s.name == name], idle_ms)
        for name in names
    ]


def _life(setting: Setting) -> Watched:
    """A reading from an idle window to its export."""
    lidc = None if setting.tiny else real_scan("LIDC-IDRI-0001")
    packed = jpeg_ls_series(setting) if lidc is None else lidc
    read = phantom_series(setting) if lidc is None else None
    idle, settle = (200, 100) if setting.tiny else (IDLE_MS, SETTLE_MS)
    steps: list[list[Any]] = [["ready"], ["enter", IDLE], ["rest", idle]]

    def phase(name: str, *step: Any) -> None:
        steps.extend([["enter", name], list(step), ["rest", settle]])

    phase("load of 400 plain slices", "open", str(plain_series(setting)))
    phase(f"load of {packed.name}, JPEG-LS", "open", str(packed))
    if read is not None:
        phase("load of the phantom", "open", str(read))
    phase("lungs", "lungs")
    phase("nodules", "nodules")
    phase("verdicts", "accept", ACCEPTED)
    phase("editing a finding", "edit", "finding", STROKES)
    phase("editing a lung", "edit", "lung", STROKES)
    phase("export", "export")
    life = window(OFFSCREEN, then=steps)
    failed = [m["sentence"] for m in life.moments if m["moment"] == "failed"]
    done = {m["kind"] for m in life.moments if m["moment"] == "done"}
    if failed or done != {"lungs", "nodules", "accept", "edit", "export"}:
        raise RuntimeError(f"the reading was not carried out: {failed or done}")
    return life


def _phases(life: Watched, sleeper: Sleeper) -> list[Seen]:
    return [
        Seen(
            phase["name"],
            1000 * phase["longest_s"],
            1000 * phase["busiest_s"],
            1000 * sleeper.latest_s(phase["began"], phase["ended"]),
            [_stall(stall) for stall in phase["stalls"]],
        )
        for phase in life.first("watched")["phases"]
    ]


def _stall(told: dict[str, Any]) -> Stall:
    return Stall(**{**told, "stacks": tuple(tuple(stack) for stack in told["stacks"])})


def _figure(name: str, seen: list[Seen], idle_ms: float) -> Figure:
    longest = max(seen, key=lambda one: one.longest_ms)
    stalled = [stall for one in seen for stall in one.stalls]
    told = [f"{one.longest_ms:.0f}" for one in seen]
    busiest = max(one.busiest_ms for one in seen)
    note = f"each life {', '.join(told)} ms, at most {busiest:.0f} ms of it computed; "
    note += f"a process that sleeps woke {longest.noise_ms:.0f} ms late"
    if name != IDLE:
        note += f", the idle window {idle_ms:.0f} ms"
    if stalled:
        worst = max(stalled, key=lambda stall: stall.seconds)
        note += f"; {len(stalled)} over, the worst computed {1000 * worst.cpu_s:.0f} ms"
        note += f" at {_place(worst.stack)}"
    return Figure(
        "stalls", f"{name}: longest silence", longest.longest_ms, "ms", limit=LIMIT_MS,
        limits_value=True, runs=len(seen), note=note,
    )  # fmt: skip


def _place(stack: tuple[str, ...]) -> str:
    """The innermost call of Hilum's own, and the innermost of all."""
    if not stack:
        return "a place that was not seen"
    own = next((call for call in reversed(stack) if call.startswith(ROOMS)), "")
    return own if own in ("", stack[-1]) else f"{own} in {stack[-1]}"
