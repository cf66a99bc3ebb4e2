"""`hilum train lungs`: reads series and masks, and hands them to the page that trains."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ai.errors import BadInput, OutsideError

if TYPE_CHECKING:
    from ai.training.lungs_scans import TrainingScan
    from ai.training.lungs_settings import Settings
    from ai.training.lungs_whole import Score

LIST = "lungs-unet.scans.toml"
PREPARED = "scans.npz"
FOLDS = "folds.csv"
FOLD_SHARE = 4
WORD = "corrections"
KNOBS = ("steps", "seed", "encoder_rate", "stage_rate", "precision")
"""Settings that have a word of their own."""
NON_COMMERCIAL = ("-NC", " NC", "NONCOMMERCIAL", "NON-COMMERCIAL")


def main(words: Sequence[str]) -> int:
    """The command; 0 when the weights are written. Raises HilumError with the reason else."""
    options = _options(words)
    try:
        from ai.models.device import choose_device, use_threads
        from ai.training.lungs import train
    except ImportError as error:
        raise OutsideError(
            "Training needs PyTorch, which is not installed here.", "Install hilum[torch]."
        ) from error
    from ai.training.lungs_scans import fold_of

    if options.data == WORD:
        from ai.training.finetune import CHOSEN
        from viewer.commands.finetune import fine_tune_lungs

        return fine_tune_lungs(options, _settings(options, CHOSEN))
    settings, start = _begun(options)
    folds = _folds(options)
    scans = _scans(options)
    if options.prepare_only:
        print(f"{len(scans)} scans are prepared in {options.out / PREPARED}.")
        return 0
    use_threads(options.threads)
    device, left_out = choose_device(options.device), []
    for fold, out in folds:
        learnt, watched = fold_of(scans, fold)
        print(f"Learns from {', '.join(s.name for s in learnt)}.")
        print(f"Watches {', '.join(s.name for s in watched) or 'its own samples'}.")
        outcome = train(
            learnt, watched, out, settings,
            device=device, go_on=options.resume, start_from=start, minutes=options.minutes,
            say=lambda line: print(line, flush=True),
        )  # fmt: skip
        print(f"{outcome.steps} steps, watched Dice {outcome.best_dice:.4f} at best.")
        print(f"{outcome.weights}  sha256 {outcome.sha256}")
        if not outcome.whole:
            print(f"The time was up at step {outcome.steps}: --resume goes on exactly there.")
            return 0
        if fold is not None:
            left_out += _left_out(fold[0], watched, outcome.last, device)
    if left_out:
        _tell_folds(left_out, options.out)
    return 0


def _begun(options: argparse.Namespace) -> tuple[Settings, dict[str, Any] | None]:
    """The settings, and the weights to begin with: those of --init, whose channels are taken."""
    from dataclasses import replace

    from ai.training.lungs_settings import Settings

    settings, start = _settings(options, Settings()), None
    if options.init:
        from ai.models.card import load_card
        from ai.models.networks import build
        from ai.models.weights import weights_of

        network = build(weights_of(load_card(options.init)))
        start = network.state_dict()
        if not options.settings:
            settings = replace(settings, channels=network.channels, neighbours=network.neighbours)
    if options.fold is None:
        return settings, start
    # What is left out is watched, too: it must not choose where a run ends.
    settings = replace(settings, patience=settings.steps)
    if options.steps is None and not options.settings:
        steps = max(1, settings.steps // FOLD_SHARE)
        settings = replace(settings, steps=steps, patience=steps)
        print(f"Folds run for a quarter of the steps, {steps}; --steps says otherwise.")
    return settings, start


def _folds(options: argparse.Namespace) -> list[tuple[tuple[int, int] | None, Path]]:
    """Which groups are left out in turn, and where each run goes.

    Raises BadInput, before anything is computed, where one would write over another run.
    """
    from ai.training.lungs_run import CHECKPOINT

    k, n = options.fold or (0, 0)
    runs: list[tuple[tuple[int, int] | None, Path]] = [(None, options.out)]
    if k:
        runs = [((k, n), options.out)]
    elif n:
        runs = [((k, n), options.out / f"fold-{k}") for k in range(1, n + 1)]
    for _, out in runs:
        if not options.resume and (out / CHECKPOINT).exists():
            raise BadInput(
                f"{out.name} holds a run already.",
                "--resume goes on with it; or take another --out.",
            )
    return runs


def _left_out(
    k: int, watched: Sequence[TrainingScan], weights: Path, device: Any
) -> list[tuple[int, Score]]:
    """The scans of the patients that fold k left out, by the run's last weights."""
    from ai.models.networks import build
    from ai.models.weights import read_weights
    from ai.training.lungs_whole import score

    real = [scan for scan in watched if not scan.synthetic]
    return [(k, one) for one in score(build(read_weights(weights)), real, device)]


def _tell_folds(rows: list[tuple[int, Score]], out: Path) -> None:
    from ai.training.lungs_whole import fold_table, write_folds

    print("\n".join(fold_table(rows)))
    write_folds(out / FOLDS, rows)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="hilum train", description="Train a network of Hilum's. Research use only."
    )
    parser.add_argument("task", choices=("lungs",))
    parser.add_argument(
        "--data",
        required=True,
        help="folder of series, or a prepared scans.npz; the word 'corrections' means the lungs"
        " that were corrected by hand in this machine's readings",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="RUN", help="where to write")
    parser.add_argument("--list", type=Path, help="TOML of scans; that of lungs-unet unless given")
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU; 1 is safest when busy")
    parser.add_argument(
        "--fold", type=_fold, metavar="K/N", help="leave out the K-th of N groups; all/N: each once"
    )
    parser.add_argument("--steps", type=int, help="how many; the settings' own unless given")
    parser.add_argument("--seed", type=int, help="of every dice")
    parser.add_argument("--settings", type=Path, help="a settings.json of an earlier run")
    parser.add_argument("--resume", action="store_true", help="go on from RUN's checkpoint")
    parser.add_argument("--init", default="", metavar="CARD", help="begin with a card's weights")
    parser.add_argument("--freeze", choices=("encoder",), help="what does not learn")
    parser.add_argument(
        "--encoder-rate", type=float, metavar="SHARE", help="of the learning rate, for the encoder"
    )
    parser.add_argument(
        "--stage-rate",
        type=float,
        metavar="SHARE",
        help="of the learning rate, for each stage further from the output",
    )
    parser.add_argument(
        "--precision",
        choices=("trial", "fp32", "bf16"),
        help="trial: what three steps show to be the quickest; a run repeats exactly with another",
    )
    parser.add_argument(
        "--minutes", type=float, help="after so many keep a checkpoint and end; --resume goes on"
    )
    parser.add_argument("--prepare-only", action="store_true", help="write RUN/scans.npz and stop")
    return parser.parse_args(words)


def _fold(text: str) -> tuple[int, int]:
    """K and N; 0 for all of them."""
    k, n = text.split("/")
    found = (0 if k == "all" else int(k), int(n))
    if k == "0":
        raise ValueError("folds are counted from 1")
    return found


def _settings(options: argparse.Namespace, settings: Settings) -> Settings:
    from dataclasses import replace

    from ai.training.lungs_settings import settings_from

    if options.settings:
        try:
            settings = settings_from(options.settings.read_text(encoding="utf-8"))
        except OSError as error:
            raise BadInput(f"The settings {options.settings.name} cannot be read.") from error
    for name in KNOBS:
        if getattr(options, name) is not None:
            settings = replace(settings, **{name: getattr(options, name)})
    if options.freeze:
        settings = replace(settings, freeze_encoder=True)
    return settings


def _scans(options: argparse.Namespace) -> tuple[TrainingScan, ...]:
    from ai.training.lungs_scans import load_scans, save_scans

    data = Path(options.data)
    if data.suffix == ".npz":
        return load_scans(data)
    prepared = options.out / PREPARED
    if options.resume and prepared.exists():
        return load_scans(prepared)
    scans = _prepared(data, _table(options.list))
    options.out.mkdir(parents=True, exist_ok=True)
    save_scans(prepared, scans)
    return scans


def _table(path: Path | None) -> dict[str, Any]:
    from ai.resources import resource

    try:
        path = resource("models", LIST) if path is None else path
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"The list of scans cannot be read: {error}.") from error


def _prepared(data: Path, table: dict[str, Any]) -> tuple[TrainingScan, ...]:
    from ai.training.lungs_prepare import phantoms

    scans = []
    for row in table.get("scan", ()):
        try:
            folder, licence = data / row["folder"], str(row["licence"]).upper()
            patient, mask = str(row["patient"]), str(row["mask"])
            wrong = tuple((float(low), float(high)) for low, high in row.get("wrong_mm", ()))
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"A row of the list of scans is not whole: {error}.") from error
        if any(word in licence for word in NON_COMMERCIAL):
            raise BadInput(
                f"{row['folder']} is licensed {row['licence']}: nothing may be trained on it.",
                "Take it out of the list; it may serve hilum evaluate.",
            )
        if not folder.is_dir():
            print(f"{row['folder']} is not below {data}: left out.")
            continue
        print(f"Preparing {row['folder']} ...", flush=True)
        scans.append(_prepare(folder, patient, mask, wrong))
    wanted = table.get("phantoms", {})
    seeds = [int(n) for n in wanted.get("seeds", ())]
    print(f"Making {len(seeds)} phantoms ...", flush=True)
    scans += phantoms(seeds, detail="rich" if wanted.get("detail") == "rich" else "plain")
    if not scans:
        raise BadInput(f"There is no scan of the list below {data}.")
    return tuple(scans)


def _prepare(
    folder: Path, patient: str, mask: str, wrong_mm: tuple[tuple[float, float], ...]
) -> TrainingScan:
    from ai.lungs.segment import segment_lungs
    from ai.models.card import load_card
    from ai.training.lungs_prepare import prepare, with_vessels
    from viewer.commands.truth import read_labels, read_scan

    _, volume = read_scan(folder)
    if mask == "classical":
        labels = segment_lungs(volume, card=load_card("lungs-classical")).label_map.labels
    else:
        labels = with_vessels(read_labels(folder / mask, volume))
    return prepare(volume, np.asarray(labels), name=folder.name, patient=patient, wrong_mm=wrong_mm)
