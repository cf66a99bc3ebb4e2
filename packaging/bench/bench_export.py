"""Row of the export: lungs of 300 slices written as DICOM-SEG, read back by other code, named."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_measure import Figure
from bench_scans import Setting, phantom, phantom_series
from bench_series import Lane

LIMIT_S = 5.0


def export(setting: Setting) -> list[Figure]:
    """Through the window's own writing lane, its child warm; the first one is told, too."""
    import numpy as np

    from ai.worker.shared import Block
    from viewer.dicom.io_messages import Export, LabelsRef
    from viewer.reading.out.request import SEG, ExportRequest

    lane = Lane()
    lungs = phantom(setting).lungs
    block = Block.create(lungs.labels.shape, "uint8")
    np.copyto(block.array, lungs.labels)
    labels = LabelsRef(block.ref, lungs.geometry, lungs.segments, lungs.made_by)
    place = Path(tempfile.mkdtemp(prefix="export-", dir=setting.work))
    spans: list[float] = []
    size_mb = 0.0
    try:
        series = lane.look(phantom_series(setting))
        for n in range(1 + setting.pairs(3)):
            folder = place / str(n)
            folder.mkdir()
            wish = ExportRequest(folder, series, None, (), "bench", objects=frozenset({SEG}))
            began = time.perf_counter()
            done: Any = lane.ask(Export(f"export-{n}", wish, labels))
            spans.append(time.perf_counter() - began)
            if [Path(file).name for file in done.files] != ["lungs.dcm"]:
                raise RuntimeError(f"the export wrote {done.files or done.sentences}")
            size_mb = Path(done.files[0]).stat().st_size / 2**20
    finally:
        lane.close()
        block.free()
        shutil.rmtree(place, ignore_errors=True)
    slices = lungs.labels.shape[0]
    return [
        Figure(
            "export", f"SEG of the lungs, {slices} slices, read back", statistics.median(spans[1:]),
            "s", limit=LIMIT_S, limits_value=True, runs=len(spans) - 1,
            note=f"worst {max(spans[1:]):.2f} s, with the start of its process {spans[0]:.2f} s; "
            f"{size_mb:.1f} MB",
        )
    ]  # fmt: skip
