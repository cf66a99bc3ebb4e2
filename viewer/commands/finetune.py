"""`hilum train lungs --data corrections`: a reader's own masks teach a network, if it gains."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ai.errors import OutsideError
from viewer.commands.corrections import corrected_scans
from viewer.home import private_file

if TYPE_CHECKING:
    from ai.training.finetune import Pair, Tuned
    from ai.training.lungs_scans import TrainingScan
    from ai.training.lungs_settings import Settings

PARENT = "lungs-unet"
PATIENTS = "patients"
"""In a header: keyed hashes of the patients that were learnt from."""
SCANS = "scans.npz"


def fine_tune_lungs(options: argparse.Namespace, settings: Settings) -> int:
    """0 where the new weights are a card of their own now, 1 where nothing was changed and why was
    said. Raises HilumError, too few corrections among the reasons."""
    from ai.models.card import load_card
    from ai.models.device import choose_device, use_threads
    from ai.models.networks import build
    from ai.models.own_cards import keep_own
    from ai.models.weights import read_weights, weights_of
    from ai.training.finetune import fine_tune, table, write_table

    parent = load_card(options.init or PARENT)
    weights = weights_of(parent)
    known = weights.about.get(PATIENTS, "").split()
    scans = _scans(options, known)
    use_threads(options.threads)
    tuned = fine_tune(
        scans, build(weights), options.out, settings,
        device=choose_device(options.device), known=known, go_on=options.resume,
        minutes=options.minutes, say=lambda line: print(line, flush=True),
    )  # fmt: skip
    (options.out / SCANS).unlink(missing_ok=True)  # patients' images: needed only to go on
    print("\n".join(table(tuned.pairs)))
    write_table(options.out / "corrections.csv", tuned.pairs)
    if tuned.refused:
        print(f"{tuned.refused} Nothing was changed: {parent.id} stays as it is.")
        return 1
    name = keep_own(
        parent.id,
        read_weights(tuned.outcome.last),
        data=_learnt(tuned),
        measured=_measured(tuned),
        about={PATIENTS: " ".join(tuned.learnt)},
    )
    print(f"Kept as {name}: hilum models show {name} tells more.")
    _keep_reference(name, tuned)
    return 0


def _keep_reference(name: str, tuned: Tuned) -> None:
    """The new network's own look at scans; a model whose look cannot be made is kept without."""
    from ai.models.card import load_card
    from ai.models.own_cards import keep_reference
    from ai.training.gate_reference import tuned_reference

    card = load_card(name)
    print("Learns how far a scan may lie from those that it was taught with ...", flush=True)
    try:
        known = tuned_reference(tuned.taught, card)
        keep_reference(card, known.as_json())
    except OutsideError as error:
        print(f"{error.sentence} {name} works without its own look at scans.")
        return
    sources = len(known.chests.sources)
    print(f"{sources} sources; a scan is unusual to it from {known.chests.amber} on.")


def _scans(options: argparse.Namespace, known: Sequence[str]) -> tuple[TrainingScan, ...]:
    """The corrections, kept in RUN for their owner alone, so that a run goes on with the same."""
    from ai.training.finetune import parted
    from ai.training.lungs_scans import load_scans, save_scans

    kept = options.out / SCANS
    if options.resume and kept.exists():
        return load_scans(kept)
    scans = corrected_scans()
    parted(scans, known=known)  # tells at once when there are too few
    options.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    private_file(kept)
    save_scans(kept, scans)
    return scans


def _learnt(tuned: Tuned) -> str:
    held = sum(not pair.guard for pair in tuned.pairs)
    return (
        f"Taught on this machine by lungs that a reader corrected in scans of {len(tuned.learnt)}"
        f" patients, beside synthetic chests; judged by {held} held-back ones."
    )


def _measured(tuned: Tuned) -> dict[str, str]:
    """What the card says of it: every judged scan by name, for there are few of them."""
    return {
        "training": f"{tuned.outcome.steps} steps, {datetime.now(UTC):%Y-%m-%d}; settings in the"
        " weights' header.",
        "held_back": "Dice at 3 mm, right and left, before > after: "
        + "; ".join(_pair(pair) for pair in tuned.pairs),
    }


def _pair(pair: Pair) -> str:
    from ai.training.lungs_whole import told

    sides = zip(pair.before.both, pair.after.both, strict=True)
    return f"{pair.before.scan} " + ", ".join(f"{told(a)} > {told(b)}" for a, b in sides)
