"""The lung network's training, on one page: draw, step, average, watch, keep.

Every step draws from dice of its own (seed and step), so a run that was killed goes on from its
last checkpoint as if it had not been: on a CPU the result is the same bit for bit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ai.errors import BadInput
from ai.models.weights import read_weights
from ai.training.augment import LEFT, RIGHT, Loaded, Sample, draw, load
from ai.training.lungs_log import Log
from ai.training.lungs_run import Run
from ai.training.lungs_scans import TrainingScan, fingerprint
from ai.training.lungs_settings import TRIAL as TRIAL_OF_BOTH
from ai.training.lungs_settings import Settings

WATCHED, STEP, TRIAL = 1, 2, 3
"""Which dice: watched samples are drawn with others than any step."""
BEST, LAST = "weights.safetensors", "last.safetensors"
KEEP_S = 180.0
"""A checkpoint comes at least so often, however long a step takes."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to: steps done, its best watched Dice, weights and their SHA-256.

    weights: of the best look where other scans were watched, else the last ones. last: the last
    ones, always. whole: False where the time was up and --resume goes on.
    """

    steps: int
    best_dice: float
    weights: Path
    sha256: str
    last: Path
    whole: bool = True


def train(
    learnt: Sequence[TrainingScan],
    watched: Sequence[TrainingScan],
    out: Path,
    settings: Settings,
    *,
    device: torch.device,
    go_on: bool = False,
    start_from: dict[str, Tensor] | None = None,
    minutes: float | None = None,
    say: Callable[[str], None] = print,
) -> Outcome:
    """Trains the lung network; averaged weights, settings, log and checkpoint go into a folder.

    learnt, watched: scans of different patients. go_on: from the folder's checkpoint, where there
    is one. start_from: weights to begin with. minutes: after so many a checkpoint is kept and the
    run ends; it goes on exactly there. Raises BadInput without scans, when a checkpoint was made
    with other settings, or for weights of a network that is no relation.
    """
    real = [load(s, device) for s in learnt if not s.synthetic]
    phantoms = [load(s, device) for s in learnt if s.synthetic]
    if not real and not phantoms:
        raise BadInput("There is no scan to learn from.")
    out.mkdir(parents=True, exist_ok=True)
    (out / "settings.json").write_text(settings.as_json() + "\n", encoding="utf-8")
    tests = watched_samples(watched, settings, device)
    run = Run(settings, device, scans=fingerprint(learnt))
    if start_from is not None:
        anew = run.begin_with(start_from)
        say(f"Begins with {len(start_from)} tensors; anew: {', '.join(anew) or 'nothing'}.")
    if not (go_on and run.take_up(out)):
        _fit_to_device(run, (real or phantoms)[0], say)
    best = out / BEST
    if run.step == 0:
        best.unlink(missing_ok=True)  # of an earlier run
    with closing(Log(out, since=run.step)) as log:
        _learn(run, (real, phantoms), tests, out, log, minutes, say)
    weights, sha256 = out / LAST, run.save(out / LAST)
    if tests and best.exists():
        weights, sha256 = best, read_weights(best).sha256
    stopped = run.step < settings.steps and run.step - run.best_step < settings.patience
    return Outcome(run.step, run.best, weights, sha256, out / LAST, whole=not stopped)


def _learn(
    run: Run,
    shelves: tuple[list[Loaded], list[Loaded]],
    tests: Sequence[Sample],
    out: Path,
    log: Log,
    minutes: float | None,
    say: Callable[[str], None],
) -> None:
    """Step after step, until the last one, until nothing gets better, or until the time is up."""
    settings, due, began = run.settings, Due(minutes), time.monotonic() - log.seconds
    while run.step < settings.steps and run.step - run.best_step < settings.patience:
        samples = [_draw(*shelves, run.step, n, settings) for n in range(settings.batch)]
        run.losses.append(run.learn(samples))
        last = run.step == settings.steps
        if run.step % settings.watch_every == 0 or last:
            dice, found = watch(run, tests or samples)
            loss, seconds = float(torch.stack(run.losses).mean()), time.monotonic() - began
            log.row(run.step, loss, dice, settings.rate_at(run.step), seconds)
            log.picture(run.step, (tests or samples)[0], found)
            say(
                f"{run.step}/{settings.steps} loss {loss:.4f} right {dice[0]:.4f}"
                f" left {dice[1]:.4f} {seconds:.0f} s"
            )
            run.losses = []
            if (mean := (dice[0] + dice[1]) / 2) >= run.best:
                run.best, run.best_step = mean, run.step
                run.save(out / BEST)
        if run.step % settings.keep_every == 0 or last or due.to_keep:
            run.keep(out)
            due.kept()
        if due.over:
            break


class Due:
    """What the clock asks for: a checkpoint every KEEP_S, and an end where minutes are given."""

    def __init__(self, minutes: float | None) -> None:
        self._end = None if minutes is None else time.monotonic() + 60 * minutes
        self.kept()

    def kept(self) -> None:
        self._next = time.monotonic() + KEEP_S

    @property
    def over(self) -> bool:
        return self._end is not None and time.monotonic() >= self._end

    @property
    def to_keep(self) -> bool:
        return self.over or time.monotonic() >= self._next


def watch(run: Run, samples: Sequence[Sample]) -> tuple[tuple[float, float], Tensor]:
    """Mean Dice of right and left of the averaged network; what it found in the first sample."""
    own = run.copied()
    run.network.load_state_dict(run.average)
    run.network.eval()
    scores: dict[int, list[float]] = {RIGHT: [], LEFT: []}
    first: Tensor | None = None
    with torch.inference_mode():
        for sample in samples:
            found = run.network(sample.image[None]).argmax(1)[0]
            first = found if first is None else first
            for label, row in scores.items():
                true = (sample.target == label) & sample.counted
                said = (found == label) & sample.counted
                if total := int(true.sum() + said.sum()):
                    row.append(2 * int((true & said).sum()) / total)
    run.network.load_state_dict(own)
    right, left = (float(np.mean(row)) if row else 0.0 for row in scores.values())
    assert first is not None
    return (right, left), first


def watched_samples(
    watched: Sequence[TrainingScan], settings: Settings, device: torch.device
) -> list[Sample]:
    """Samples to look at again and again, drawn once from scans that nothing is learnt from."""
    loaded = [load(s, device) for s in watched]
    count = settings.watched if loaded else 0
    dice = [np.random.default_rng([settings.seed, WATCHED, n]) for n in range(count)]
    return [draw(loaded[n % len(loaded)], dice[n], patch=settings.patch) for n in range(count)]


def _draw(
    real: list[Loaded], phantoms: list[Loaded], step: int, n: int, settings: Settings
) -> Sample:
    dice = np.random.default_rng([settings.seed, STEP, step, n])
    synthetic = bool(phantoms) and (not real or dice.random() < settings.phantoms)
    shelf = phantoms if synthetic else real
    return draw(shelf[int(dice.integers(len(shelf)))], dice, patch=settings.patch)


def _fit_to_device(run: Run, scan: Loaded, say: Callable[[str], None]) -> None:
    """Takes the quickest of two precisions and two layouts, by three steps of each.

    Where the settings name a precision that is taken, in the plain layout, and nothing is timed.
    """
    if run.device.type == "cuda":
        torch.backends.cudnn.benchmark = True
    if run.settings.precision != TRIAL_OF_BOTH:
        run.shape_memory(mixed=run.settings.precision == "bf16", layout="plain")
        return
    sample = draw(scan, np.random.default_rng([run.settings.seed, TRIAL]), patch=run.settings.patch)
    seconds: dict[tuple[bool, str], float] = {}
    for mixed in (False, True):
        for layout in ("plain", "channels last"):
            run.shape_memory(mixed=mixed, layout=layout)
            try:
                seconds[mixed, layout] = _time_step(run, [sample] * run.settings.batch)
            except RuntimeError:
                if not mixed and layout == "plain":
                    raise  # nothing simpler is left
                say(f"{'bf16' if mixed else 'fp32'}, {layout}: not on this device")
    run.optimiser.zero_grad(set_to_none=True)
    mixed, layout = min(seconds, key=lambda way: seconds[way])
    run.shape_memory(mixed=mixed, layout=layout)
    for (is_mixed, name), time_s in seconds.items():
        say(f"trial step, {'bf16' if is_mixed else 'fp32'}, {name}: {time_s * 1000:.0f} ms")


def _time_step(run: Run, samples: Sequence[Sample]) -> float:
    """Seconds of a step there and back, the mean of three, after the device has warmed up."""
    warm, began = 2 if run.device.type == "cuda" else 1, 0.0
    for trial in range(warm + 3):
        if trial == warm:
            _wait_for(run.device)
            began = time.monotonic()
        run.loss(samples).backward()
    _wait_for(run.device)
    return (time.monotonic() - began) / 3


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
