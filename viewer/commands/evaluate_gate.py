"""`hilum evaluate gate`: how fit each series is for a lung model, or a new reference."""

from __future__ import annotations

from pathlib import Path

from ai.errors import BadInput
from ai.scan.fit import RED, Fit
from viewer.dicom.series import Series

LEAST_SOURCES = 3
PHANTOM = "phantom"


def judge_all(data: Path, *, reference: Path | None) -> int:
    """Tells level and reason of each series below a folder, head first.

    reference: where to write a new reference of chests, learnt from the series that are not refused
    (scans kept for scoring left out) and from the phantom; each folder is a source.
    Raises BadInput where nothing is there to judge.
    """
    from ai.models.card import load_card
    from ai.models.gate import fit_of
    from ai.models.gate_checks import sampled
    from ai.phantom.chest import chest
    from ai.training.evaluation_ledger import kept_for_scoring
    from ai.training.gate_reference import reference as learnt
    from viewer.dicom.find import open_path
    from viewer.dicom.pixels import read_volume

    card, sources, seen = load_card("lungs-classical"), {}, 0
    for folder in (path for path in (data, *sorted(data.iterdir())) if path.is_dir()):
        if folder == data and any(path.is_dir() for path in data.iterdir()):
            continue
        for series in open_path(folder).series:
            seen += 1
            fit = _refused(series)
            if fit is None:
                volume = read_volume(series)
                fit = fit_of(volume, card)
                if fit.level != RED and folder.name not in kept_for_scoring():
                    sources[folder.name] = sampled(volume)
            print(f"{folder.name}: {fit.level} {' '.join(fit.reasons)}".rstrip(), flush=True)
    if not seen:
        raise BadInput(f"There is no series below {data}.")
    if reference is not None:
        sources[PHANTOM] = sampled(chest("small").volume)
        if len(sources) < LEAST_SOURCES:
            raise BadInput(f"A reference needs {LEAST_SOURCES} sources; {len(sources)} are here.")
        made = learnt(sources)
        reference.write_text(made.as_json() + "\n", encoding="utf-8")
        print(f"{len(made.sources)} sources, {made.copies} histograms; unusual from {made.amber}")
    return 0


def _refused(series: Series) -> Fit | None:
    """What the headers alone refuse."""
    why = series.refusal or series.ai_refusal
    if series.geometry is None or why:
        return Fit(RED, (why or "The slices of this series make no volume.",))
    return None
