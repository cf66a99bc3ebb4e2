"""The lung network's training, on one page: draw, step, average, watch, keep.

Every step draws from dice of its own (seed and step), so a run that was killed goes on from its
last checkpoint as if it had not been: on a CPU the result is the same bit for bit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ai.errors import BadInput
from ai.training.augment import LEFT, RIGHT, Loaded, Sample, draw, load
from ai.training.lungs_log import Log
from ai.training.lungs_run import Run
from ai.training.lungs_scans import TrainingScan
from ai.training.lungs_settings import Settings

WATCHED, STEP, TRIAL = 1, 2, 3
"""Which dice: watched samples are drawn with others than any step."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to: steps done, its best watched Dice, its weights and their SHA-256."""

    steps: int
    best_dice: float
    weights: Path
    sha256: str


def train(
    learnt: Sequence[TrainingScan],
    watched: Sequence[TrainingScan],
    out: Path,
    settings: Settings,
    *,
    device: torch.device,
    go_on: bool = False,
    start_from: dict[str, Tensor] | None = None,
    say: Callable[[str], None] = print,
) -> Outcome:
    """Trains the lung network; averaged weights, settings, log and checkpoint go into a folder.

    learnt, watched: scans of different patients. go_on: from the folder's checkpoint, where there
    is one. start_from: weights to begin with. The weights that come back are those of the best
    look. Raises BadInput without scans, or when a checkpoint was made with other settings.
    """
    real = [load(s, device) for s in learnt if not s.synthetic]
    phantoms = [load(s, device) for s in learnt if s.synthetic]
    if not real and not phantoms:
        raise BadInput("There is no scan to learn from.")
    out.mkdir(parents=True, exist_ok=True)
    (out / "settings.json").write_text(settings.as_json() + "\n", encoding="utf-8")
    tests = watched_samples(watched, settings, device)
    run = Run(settings, device)
    if start_from is not None:
        run.begin_with(start_from)
    if not (go_on and run.take_up(out)):
        _fit_to_device(run, (real or phantoms)[0], say)
    log, began, losses = Log(out, fresh=run.step == 0), time.monotonic(), []
    best = out / "weights.safetensors"
    while run.step < settings.steps and run.step - run.best_step < settings.patience:
        samples = [_draw(real, phantoms, run.step, n, settings) for n in range(settings.batch)]
        losses.append(run.learn(samples))
        last = run.step == settings.steps
        if run.step % settings.watch_every == 0 or last:
            dice, found = watch(run, tests or samples)
            loss, seconds = float(torch.stack(losses).mean()), time.monotonic() - began
            log.row(run.step, loss, dice, settings.rate_at(run.step), seconds)
            log.picture(run.step, (tests or samples)[0], found)
            say(
                f"{run.step}/{settings.steps} loss {loss:.4f} right {dice[0]:.4f}"
                f" left {dice[1]:.4f} {seconds:.0f} s"
            )
            losses = []
            if (mean := (dice[0] + dice[1]) / 2) >= run.best:
                run.best, run.best_step = mean, run.step
                run.save(best)
        if run.step % settings.keep_every == 0 or last:
            run.keep(out)
    log.close()
    sha256 = run.save(out / "last.safetensors")
    return Outcome(run.step, run.best, out / "last.safetensors", sha256)


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
    """On a GPU, takes the quickest of two precisions and two layouts, by three steps of each.

    On a CPU full precision stays, so that a run can be repeated.
    """
    if run.device.type != "cuda":
        return
    torch.backends.cudnn.benchmark = True
    sample = draw(scan, np.random.default_rng([run.settings.seed, TRIAL]), patch=run.settings.patch)
    seconds: dict[tuple[bool, str], float] = {}
    for mixed in (False, True):
        for layout in ("plain", "channels last"):
            run.shape_memory(mixed=mixed, layout=layout)
            began = 0.0
            for trial in range(5):
                if trial == 2:
                    torch.cuda.synchronize()
                    began = time.monotonic()
                run.loss([sample] * run.settings.batch).backward()
            torch.cuda.synchronize()
            seconds[mixed, layout] = (time.monotonic() - began) / 3
    run.optimiser.zero_grad(set_to_none=True)
    mixed, layout = min(seconds, key=lambda way: seconds[way])
    run.shape_memory(mixed=mixed, layout=layout)
    for (is_mixed, name), time_s in seconds.items():
        say(f"trial step, {'bf16' if is_mixed else 'fp32'}, {name}: {time_s * 1000:.0f} ms")
