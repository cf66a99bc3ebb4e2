"""`hilum evaluate lungs`: models side by side on scans with masks that others drew."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ai.errors import BadInput
from viewer.home import home, pseudonym

if TYPE_CHECKING:
    from ai.training.lungs_evaluate import Case, Judged
    from ai.training.peers import Peer, Union
    from viewer.dicom.series import Series

TRUTH, LEFT_OUT, OUTLINES = "lungs.nii.gz", "gtv.nii.gz", "lidc.xml"
SHORT = {"classical": "lungs-classical", "unet": "lungs-unet"}
BOTH, AGREE = "unet,classical", "classical,unet"
"""Of a consensus the first is asked for the side where the others differ."""
LEDGER = "scored.json"


def main(words: Sequence[str]) -> int:
    """The command; 0 when every scan was judged. Raises HilumError with the reason else."""
    options = _parser().parse_args(words)
    if options.task == "gate":
        from ai.models.card import load_card
        from viewer.commands.evaluate_gate import judge_all

        name = options.models or "classical"
        return judge_all(options.data, card=load_card(SHORT.get(name, name)), reference=options.out)
    if options.task == "strata":
        return _tell_strata(options.data, options.out)
    if options.out is None:
        raise BadInput("--out FILE says where the table goes.")
    if options.task == "consensus":
        return _references(options)
    from ai.models.card import load_card
    from ai.training.evaluation_ledger import Ledger
    from ai.training.evaluation_page import evaluation_page
    from ai.training.lungs_evaluate import Row, evaluate
    from ai.training.peers import peers_in
    from ai.training.stress import STRATA

    cards = [load_card(SHORT.get(name, name)) for name in (options.models or BOTH).split(",")]
    others = peers_in(options.peers) if options.peers is not None else ()
    ledger, judged, beside = Ledger(home() / LEDGER), [], []
    with _opened(options.out) as file:
        table = csv.writer(file)
        table.writerow(Row.header())
        for case in _cases(options.data):
            strata = STRATA if options.stress else ()
            for one in evaluate(case, cards, strata=strata, calibrate=options.calibrate):
                judged.append(one)
                table.writerows(row.cells() for row in one.rows)
                file.flush()
                _tell(one)
            beside += _peers(case, others, judged)
            ledger.note([case.name])
    if others:
        _keep_beside(options.out, judged, beside)
    if options.html is not None:
        with _opened(options.html) as page:
            page.write(evaluation_page(judged, ledger.told, beside))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hilum evaluate",
        description=f"Compare lung models on series that have {TRUTH} beside them; voxels of "
        f"{LEFT_OUT}, where there is one, are left out of every score, and nodules of {OUTLINES} "
        "are looked for inside each mask. Task gate: how fit each series is for a lung model. "
        "Task strata: what the models' cards tell, out of a table that lungs wrote. "
        "Task consensus: references that methods agree on, corrected by recorded strokes. "
        "Research use only.",
    )
    parser.add_argument("task", choices=("lungs", "gate", "strata", "consensus"))
    parser.add_argument(
        "--data", required=True, type=Path, help="folder of series; of strata: the table"
    )
    parser.add_argument(
        "--models",
        default="",
        help=f"cards, by commas; {BOTH} unless given. Of gate: one card, "
        "classical unless given; a network looks at each scan itself, too",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="CSV to write; of gate, a new reference; of strata and consensus, a folder",
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="a page with plots and pictures")
    parser.add_argument(
        "--peers",
        type=Path,
        metavar="DIR",
        help="other people's lungs beside ours, both as one: a folder for each, with the "
        "weights.safetensors of a UNet-Small or with masks named as the scans (SCAN.nii.gz)",
    )
    parser.add_argument(
        "--strokes", type=Path, metavar="FILE", help="of consensus: corrections by eye, as TOML; "
        "those of three public LIDC-IDRI scans unless given",
    )  # fmt: skip
    parser.add_argument("--stress", action="store_true", help="also with disease put in")
    parser.add_argument(
        "--calibrate", action="store_true", help="also whether a network's chances come true"
    )
    return parser


def _tell(one: Judged) -> None:
    for row in one.rows:
        dice = "-" if row.dice is None else f"{row.dice:.4f}"
        told = f"{row.scan}, {row.stratum}: {row.model} {row.side} Dice {dice}"
        learnt = " (learnt from this patient)" if row.trained else ""
        print(f"{told} {row.seconds:.1f} s{learnt} {row.fault}".rstrip(), flush=True)
    for found in one.inside:
        print(f"  {found.what}: {100 * found.inside:.1f} % of {found.voxels} voxels", flush=True)


def _peers(case: Case, peers: Sequence[Peer], judged: Sequence[Judged]) -> list[Union]:
    """Both lungs as one, ours and the peers', on the same slices; said at once."""
    from ai.training.peers import judge_peers
    from viewer.commands.truth import read_labels

    if case.lungs is None or not peers:
        return []
    made = judge_peers(
        case.name, case.volume, case.lungs, peers, without=case.without, read_labels=read_labels
    )
    found = []
    own = (one.union for one in judged if one.union is not None and one.union.scan == case.name)
    for union in chain(own, made):
        dice = "-" if union.dice is None else f"{union.dice:.4f}"
        told = f"{union.scan}, both lungs as one: {union.model} Dice {dice} {union.fault}"
        print(told.rstrip(), flush=True)
        found.append(union)
    return found[-len(peers) :]


def _keep_beside(out: Path, judged: Sequence[Judged], peers: Sequence[Union]) -> None:
    """A table of its own beside the table: both lungs as one."""
    from ai.training.peers import Union

    with _opened(out.with_suffix(".union.csv")) as file:
        table = csv.writer(file)
        table.writerow(Union.header())
        own = (one.union for one in judged if one.union is not None)
        table.writerows(union.cells() for union in chain(own, peers))


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path.name} cannot be written: {error.strerror}.") from error


def _cases(data: Path) -> Iterator[Case]:
    from ai.training.lungs_evaluate import Case
    from viewer.commands.lidc import read_nodules
    from viewer.commands.truth import read_labels, read_scan

    folders = [data, *sorted(data.glob("*/"))]
    folders = [f for f in folders if (f / TRUTH).exists() or (f / OUTLINES).exists()]
    if not folders:
        raise BadInput(f"No series below {data} has {TRUTH} or {OUTLINES} beside it.")
    for folder in folders:
        series, volume = read_scan(folder)
        drawn, left_out, outlines = folder / TRUTH, folder / LEFT_OUT, folder / OUTLINES
        yield Case(
            folder.name,
            volume,
            read_labels(drawn, volume) if drawn.exists() else None,
            read_labels(left_out, volume) > 0 if left_out.exists() else None,
            read_nodules(outlines, volume) if outlines.exists() else (),
            _patient_of(series),
        )


def _patient_of(series: Series) -> str:
    """A pseudonym that only this machine can make; nothing where the headers name nobody."""
    told = series.patient.id or series.patient.name
    return pseudonym("patient", told) if told else ""


def _references(options: argparse.Namespace) -> int:
    from ai.models.card import load_card
    from viewer.commands.consensus import references

    cards = [load_card(SHORT.get(name, name)) for name in (options.models or AGREE).split(",")]
    return references(options.data, options.out, cards, options.strokes)


def _tell_strata(table: Path, out: Path | None) -> int:
    """What each model's card tells of the strata of an evaluation, a file a card."""
    from ai.models.card import load_card
    from ai.training.evaluation_ledger import Ledger
    from ai.training.evaluation_strata import NAME, rows_of, strata_of

    if out is None:
        raise BadInput("--out DIR says where the files go.")
    rows, ledger = rows_of(table), Ledger(home() / LEDGER)
    for model in dict.fromkeys(row.model for row in rows):
        told = strata_of(rows, load_card(model), ledger.total)
        with _opened(out / f"{model}.{NAME}") as file:
            file.write(told)
    return 0
