"""`hilum evaluate gate`: how fit each series is for a lung model, or a new reference."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ai.errors import BadInput, OutsideError
from ai.models.card import ModelCard
from ai.scan.fit import RED, Fit
from ai.scan.volume import Volume
from viewer.dicom.series import Series

LEAST_SOURCES = 3
PHANTOM = "phantom"


def judge_all(data: Path, *, card: ModelCard, reference: Path | None) -> int:
    """Tells level and reason of each series below a folder, head first.

    card: whose gate it is; a network looks at each scan itself, too, which takes seconds.
    reference: where to write a new reference of chests, learnt from the series that are not refused
    (scans kept for scoring left out) and from the phantom; each folder is a source. Of a network's
    card it is the reference of its bottleneck.
    Raises BadInput where nothing is there to judge.
    """
    from ai.phantom.chest import chest
    from ai.training.evaluation_ledger import kept_for_scoring

    sources, seen = {}, 0
    for name, series in _series(data):
        seen += 1
        fit = _refused(series)
        if fit is None:
            fit, volume = _judged(series, card)
            if fit.level != RED and reference is not None and name not in kept_for_scoring():
                sources[name] = volume
        print(f"{name}: {fit.level} {' '.join(fit.reasons)}".rstrip(), flush=True)
    if not seen:
        raise BadInput(f"There is no series below {data}.")
    if reference is not None:
        sources[PHANTOM] = chest("small").volume
        if len(sources) < LEAST_SOURCES:
            raise BadInput(f"A reference needs {LEAST_SOURCES} sources; {len(sources)} are here.")
        _learn(sources, card, reference)
    return 0


def _series(data: Path) -> Iterator[tuple[str, Series]]:
    from viewer.dicom.find import open_path

    below = sorted(path for path in data.iterdir() if path.is_dir())
    for folder in below or [data]:
        for series in open_path(folder).series:
            yield folder.name, series


def _judged(series: Series, card: ModelCard) -> tuple[Fit, Volume]:
    from ai.models.gate import fit_of
    from viewer.dicom.pixels import read_volume

    volume = read_volume(series)
    fit = fit_of(volume, card)
    if fit.level != RED and card.weights:
        fit = _looked_at(volume, card, fit)
    return fit, volume


def _looked_at(volume: Volume, card: ModelCard, fit: Fit) -> Fit:
    """With the network's own look. One that cannot be asked is told of on stderr."""
    from ai.lungs.network import ask_network
    from ai.models.gate import with_doubts
    from ai.models.gate_bottleneck import look
    from ai.scan.straight import Straight

    straight = Straight.of(volume.geometry)
    try:
        asked = ask_network(volume if straight is None else straight.volume(volume), card=card)
    except OutsideError as error:
        print(error.sentence, file=sys.stderr)
        return fit
    began = time.perf_counter()
    seen = look(asked.bottleneck, card)
    took_ms = 1000 * (time.perf_counter() - began)
    far = "not looked at" if seen.far is None else f"{seen.far:.2f}"
    print(f"  at the bottleneck: {far} ({took_ms:.1f} ms) {seen.remark}".rstrip(), flush=True)
    return with_doubts(fit, seen.doubts)


def _learn(sources: dict[str, Volume], card: ModelCard, reference: Path) -> None:
    from ai.models.gate_checks import sampled
    from ai.training.gate_reference import network_reference
    from ai.training.gate_reference import reference as learnt

    if card.weights:
        made = network_reference(sources, card)
        text, known = made.as_json(), made.chests
    else:
        known = learnt({name: sampled(volume) for name, volume in sources.items()})
        text = known.as_json()
    reference.write_text(text + "\n", encoding="utf-8")
    print(f"{len(known.sources)} sources, {known.copies} copies; unusual from {known.amber}")


def _refused(series: Series) -> Fit | None:
    """What the headers alone refuse."""
    why = series.refusal or series.ai_refusal
    if series.geometry is None or why:
        return Fit(RED, (why or "The slices of this series make no volume.",))
    return None
