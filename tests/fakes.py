"""Children that compute nothing: they keep what they are asked, and tests answer for them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ai.scan.finding import Finding, Measurement
from ai.scan.geometry import Geometry
from ai.scan.labelmap import MadeBy, SegmentFigures
from ai.scan.volume import Volume
from ai.worker.messages import (
    Failed,
    FindNodules,
    FoundNodule,
    LungsDone,
    MaskRef,
    NodulesDone,
    Progress,
    SegmentLungs,
)
from ai.worker.shared import Block
from tests.views import scans
from viewer.dicom.io_messages import Export, ExportDone, Found, Load, Loaded, Look, SlicesReady
from viewer.dicom.series import OPENS, Opened, Series
from viewer.jobs import Jobs
from viewer.reading.out.passport import Passport

MADE_BY = MadeBy("test", "1")


@dataclass
class FakeClient:
    """Stands where a client of a child process stands."""

    asked: list[Any] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    closed: bool = False

    def start(self) -> None: ...

    def start_writing(self) -> None: ...

    def submit(self, request: Any, *, yields: bool = False) -> None:
        self.asked.append(request)

    def cancel(self, job: str) -> None:
        self.cancelled.append(job)

    def close(self) -> None:
        self.closed = True


class FakeJobs(Jobs):
    """Jobs as the window knows them, with two fake clients in place of the processes."""

    ai: FakeClient
    io: FakeClient

    def __init__(self, *, after: FakeJobs | None = None) -> None:
        super().__init__(after=after)
        if after is not None:
            self.ai, self.io = after.ai, after.io
            return
        self._ai.close()
        self._io.close()
        self._ai = self.ai = FakeClient()  # type: ignore[assignment]
        self._io = self.io = FakeClient()  # type: ignore[assignment]

    def say(self, message: Any) -> None:
        """A child says something."""
        self._arrived.emit(message)

    def asked(self, kind: type) -> Any:
        """The newest request of a kind."""
        every = [*self.ai.asked, *self.io.asked]
        return [request for request in every if isinstance(request, kind)][-1]


def chest(uid: str = "1.2.3", *, mm: float = 2.0, description: str = "Thin") -> Series:
    """A small axial series, 40 slices of 64 x 64."""
    geometry = Geometry.axial(
        (40, 64, 64), spacing_kji_mm=(mm, mm, mm), origin_lps=(-63.0, -63.0, -39.0)
    )
    volume = Volume(geometry, np.zeros(geometry.shape_kji, dtype=np.int16))
    return replace(scans.series_of(volume), uid=uid, study_uid="9.9", description=description)


def candidate(
    name: str,
    at_kji: tuple[int, int, int],
    *,
    mean_mm: float = 10.0,
    chance: float = 0.7,
    zone: str = "RUZ",
) -> FoundNodule:
    """A candidate as the worker tells it: a cube of 3 voxels around a voxel of `chest`."""
    x, y, z = chest().geometry.lps_of(at_kji)  # type: ignore[union-attr]
    figures = Measurement(
        long_mm=mean_mm + 1, short_mm=mean_mm - 1, mean_diameter_mm=mean_mm, volume_mm3=500.0,
        mean_hu=-1.0, p10_hu=-40.0, p90_hu=30.0, type="solid",
    )  # fmt: skip
    finding = Finding(
        id=name, kind="nodule", centre_lps=(float(x), float(y), float(z)), slice_index=at_kji[0],
        zone=zone, chance=chance, measurement=figures, made_by=MADE_BY,
        features=(("vesselness", 0.2), ("pleura_mm", 12.0), ("height", 0.5)),
    )  # fmt: skip
    start = tuple(n - 1 for n in at_kji)
    return FoundNodule(finding, MaskRef(0, (3, 3, 3), start))  # type: ignore[arg-type]


CANDIDATES = (
    candidate("a", (20, 20, 20), mean_mm=14.0, chance=0.9, zone="LMZ"),
    candidate("b", (22, 30, 20), mean_mm=12.0, chance=0.7),
    candidate("c", (24, 40, 20), mean_mm=11.0, chance=0.5),
    candidate("d", (26, 20, 40), mean_mm=10.0, chance=0.4, zone="RMZ"),
    candidate("e", (28, 30, 40), mean_mm=4.0, chance=0.01, zone="RLZ"),
    candidate("f", (30, 40, 40), mean_mm=3.0, chance=0.01, zone="RLZ"),
)
"""Four that the safety set shows at any rate, and two that are held back."""


class Children:
    """Answers for the I/O process and the worker, in the words of their messages."""

    def __init__(self, jobs: FakeJobs) -> None:
        self.jobs = jobs

    def find(self, *series: Series, path: Path = Path("study")) -> None:
        """The study is looked into: these series are there."""
        opened = Opened(path, OPENS, (), series or (chest(),))
        self.jobs.say(Found(self.jobs.asked(Look).job, opened))

    def load(self, *, whole: bool = True) -> None:
        """The first slice, or all of them, arrive."""
        request = self.jobs.asked(Load)
        with Block.attach(request.block, writable=True) as block:
            block.array[...] = -850
            block.array[:, 28:34, 28:34] = 40
        count = len(request.series.slices)
        ks = range(count) if whole else (count // 2,)
        self.jobs.say(SlicesReady(request.job, tuple(ks)))
        self.jobs.say(Progress(request.job, len(tuple(ks)) / count))
        if whole:
            self.jobs.say(Loaded(request.job))

    def lungs(self, *, warnings: tuple[str, ...] = ()) -> None:
        """Two blocks of lung, 1 and 2."""
        request = self.jobs.asked(SegmentLungs)
        with Block.attach(request.out, writable=True) as block:
            block.array[5:35, 10:50, 5:25] = 1
            block.array[5:35, 10:50, 38:58] = 2
        figures = (SegmentFigures(1, 1990.0, -837.0), SegmentFigures(2, 1762.0, -825.0))
        self.jobs.say(LungsDone(request.job, MADE_BY, figures, warnings))

    def nodules(self, *found: FoundNodule) -> None:
        """These candidates; each mask is a full cube."""
        request = self.jobs.asked(FindNodules)
        with Block.attach(request.out, writable=True) as block:
            block.array[:27] = 1
        self.jobs.say(NodulesDone(request.job, MADE_BY, found))

    def progress(self, kind: type, fraction: float, step: str = "") -> None:
        self.jobs.say(Progress(self.jobs.asked(kind).job, fraction, step))

    def fail(self, kind: type, sentence: str, remedy: str = "", *, cancelled: bool = False) -> None:
        self.jobs.say(Failed(self.jobs.asked(kind).job, sentence, remedy, cancelled))

    def export(self, *files: Path, passport: Passport | None = None) -> None:
        job, names = self.jobs.asked(Export).job, tuple(map(str, files))
        self.jobs.say(ExportDone(job, names, passport=passport))
