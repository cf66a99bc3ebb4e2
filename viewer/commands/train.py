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

LIST = "lungs-unet.scans.toml"
PREPARED = "scans.npz"
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

    scans = _scans(options)
    if options.prepare_only:
        print(f"{len(scans)} scans are prepared in {options.out / PREPARED}.")
        return 0
    learnt, watched = fold_of(scans, options.fold)
    print(f"Learns from {', '.join(s.name for s in learnt)}.")
    print(f"Watches {', '.join(s.name for s in watched) or 'its own samples'}.")
    start = None
    if options.init:
        from ai.models.card import load_card
        from ai.models.networks import build
        from ai.models.weights import weights_of

        start = build(weights_of(load_card(options.init))).state_dict()
    use_threads(options.threads)
    outcome = train(
        learnt,
        watched,
        options.out,
        _settings(options),
        device=choose_device(options.device),
        go_on=options.resume,
        start_from=start,
        say=lambda line: print(line, flush=True),
    )
    print(f"{outcome.steps} steps, watched Dice {outcome.best_dice:.4f} at best.")
    print(f"{outcome.weights}  sha256 {outcome.sha256}")
    return 0


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="hilum train", description="Train a network of Hilum's. Research use only."
    )
    parser.add_argument("task", choices=("lungs",))
    parser.add_argument(
        "--data", required=True, type=Path, help="folder of series, or a prepared scans.npz"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="RUN", help="where to write")
    parser.add_argument("--list", type=Path, help="TOML of scans; that of lungs-unet unless given")
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU; 1 is safest when busy")
    parser.add_argument("--fold", type=_fold, metavar="K/N", help="leave out the K-th of N groups")
    parser.add_argument("--steps", type=int, help="how many; the settings' own unless given")
    parser.add_argument("--seed", type=int, help="of every dice")
    parser.add_argument("--settings", type=Path, help="a settings.json of an earlier run")
    parser.add_argument("--resume", action="store_true", help="go on from RUN's checkpoint")
    parser.add_argument("--init", default="", metavar="CARD", help="begin with a card's weights")
    parser.add_argument("--freeze", choices=("encoder",), help="what does not learn")
    parser.add_argument("--prepare-only", action="store_true", help="write RUN/scans.npz and stop")
    return parser.parse_args(words)


def _fold(text: str) -> tuple[int, int]:
    k, n = text.split("/")
    return int(k), int(n)


def _settings(options: argparse.Namespace) -> Any:
    from dataclasses import replace

    from ai.training.lungs_settings import Settings, settings_from

    settings = Settings()
    if options.settings:
        try:
            settings = settings_from(options.settings.read_text(encoding="utf-8"))
        except OSError as error:
            raise BadInput(f"The settings {options.settings.name} cannot be read.") from error
    for name in ("steps", "seed"):
        if getattr(options, name) is not None:
            settings = replace(settings, **{name: getattr(options, name)})
    if options.freeze:
        settings = replace(settings, freeze_encoder=True)
    return settings


def _scans(options: argparse.Namespace) -> tuple[TrainingScan, ...]:
    from ai.training.lungs_scans import load_scans, save_scans

    if options.data.suffix == ".npz":
        return load_scans(options.data)
    prepared = options.out / PREPARED
    if options.resume and prepared.exists():
        return load_scans(prepared)
    scans = _prepared(options.data, _table(options.list))
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
    from viewer.commands.truth import read_labels
    from viewer.dicom.find import open_path
    from viewer.dicom.pixels import read_volume

    opened = open_path(folder)
    if not opened.series:
        raise BadInput(f"{folder.name} holds no series. {' '.join(opened.sentences)}")
    volume = read_volume(opened.series[0])
    if mask == "classical":
        labels = segment_lungs(volume, card=load_card("lungs-classical")).label_map.labels
    else:
        labels = with_vessels(read_labels(folder / mask, volume))
    return prepare(volume, np.asarray(labels), name=folder.name, patient=patient, wrong_mm=wrong_mm)
