"""What a report says, as one value: HTML, PDF, plain text, table and JSON are made of it.

It names no patient, and holds no voxels and no library's type, so that it can cross a pipe. Figures
are rounded as in the SR. Each finding has its name, series and image: no figure stands alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ai.scan.finding import Finding
from ai.scan.labelmap import BOTH_LUNGS, LUNGS, MadeBy
from viewer.dicom.masks.drawn_by import drawn_words, is_drawn
from viewer.dicom.series import Series
from viewer.reading.events import EXPORTED_STATES, HELD, OPEN_STATES, Answer
from viewer.reading.labels import NODULE, what_it_is
from viewer.reading.names import short_names
from viewer.reading.origin import origin_words, told_as
from viewer.reading.out.measures import HU_DIGITS, LENGTH_DIGITS, VOLUME_DIGITS
from viewer.reading.out.request import finding_uid, tracking_uid
from viewer.reading.reading import Reading
from viewer.reading.report.density import density_use
from viewer.reading.report.drawings import MeasurementLine, measurement_lines
from viewer.reading.report.how_read import how_read
from viewer.reading.report.key_images import KeyImageLine, key_lines
from viewer.reading.searching import Search, search_of, search_sentence

NOTICE: Final = "Research use only. Not a medical device. Not for diagnosis or treatment decisions."
LUNG_SIDES: Final = {"lungRight": "right", "lungLeft": "left", BOTH_LUNGS.name: "both"}
LARGE_HELD_MM: Final = 6.0
"""Held findings from this mean diameter on are counted."""


@dataclass(frozen=True)
class LungLine:
    """A lung with its figures. side: right or left, or both where no side is told.

    laa950_percent, p15_hu: share below -950 HU and 15th percentile; None where they are not told,
    and density_note says why, or what to mind.
    """

    side: str
    label: str
    volume_ml: float
    mean_hu: float
    made_by: str
    tracking_uid: str
    laa950_percent: float | None = None
    p15_hu: float | None = None
    density_note: str = ""


@dataclass(frozen=True)
class FindingLine:
    """A finding with its figures, where it is seen, and what was answered. centre_mm: LPS.

    by: reader or rule, empty where nobody answered. kind, label: what the reader calls it, as a
    kind or in own words. reason: why it was rejected. origin: in words, of what came in a file.
    chance: None where no search found it: a reader's own mark, and what came in a file.
    """

    id: str
    name: str
    state: str
    by: str
    zone: str
    series: int
    image: int
    centre_mm: tuple[float, float, float]
    long_mm: float
    short_mm: float
    mean_diameter_mm: float
    volume_mm3: float
    mean_hu: float
    p10_hu: float
    p90_hu: float
    type: str
    chance: float | None
    made_by: str
    tracking_uid: str
    kind: str = NODULE
    label: str = ""
    reason: str = ""
    origin: str = ""

    @property
    def told_state(self) -> str:
        """Its state; of what came in a file, and was left as it is, that it was taken over."""
        return told_as(self.state, out_of_file=bool(self.origin))

    @property
    def what(self) -> str:
        """A nodule's type; of anything else its kind, or the reader's own words for it."""
        return self.label or what_it_is(self.kind, self.type)

    @property
    def where(self) -> str:
        """As readers point at it."""
        return f"se {self.series} im {self.image}"


@dataclass(frozen=True)
class ScanLine:
    """What was read. spacing_kji_mm: None where slices make no volume."""

    series: int
    images: int
    spacing_kji_mm: tuple[float, float, float] | None = None
    kernel: str = ""


@dataclass(frozen=True)
class LeftOut:
    """Candidates that are no findings: without an answer, held back, so many of those of large_mm
    or more, and rejected.

    reasons: why, the most frequent first, with how many.
    """

    unanswered: int
    held: int
    large: int
    large_mm: float
    rejected: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class ReportContent:
    """All that a report says. rule: how findings were accepted where no reader did.

    findings: every one, whatever its state; pages list those that were accepted, count the others
    and say where they stand. findings_text, impression: what the reader wrote. remarks: what to
    know of the scan and of the files. how_read: those of them that tell how it was read.
    drawn: where masks came from that no model made. tables: files with every finding.
    """

    series_uid: str
    scan: ScanLine
    rule: str = ""
    findings_text: str = ""
    impression: str = ""
    lungs_segmented: bool = False
    searched: bool = False
    search: Search | None = None
    lungs: tuple[LungLine, ...] = ()
    findings: tuple[FindingLine, ...] = ()
    measurements: tuple[MeasurementLine, ...] = ()
    key_images: tuple[KeyImageLine, ...] = ()
    remarks: tuple[str, ...] = ()
    how_read: tuple[str, ...] = ()
    models: tuple[MadeBy, ...] = ()
    drawn: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    tables: tuple[str, ...] = ("findings.json", "figures.csv")

    def in_state(self, *states: str) -> tuple[FindingLine, ...]:
        return tuple(line for line in self.findings if line.state in states)

    @property
    def accepted(self) -> tuple[FindingLine, ...]:
        """Those that went out: accepted, edited, added."""
        return self.in_state(*EXPORTED_STATES)

    @property
    def remarks_beside(self) -> tuple[str, ...]:
        """The remarks without what an empty list of findings says itself."""
        said = self.search_told if not self.accepted else ""
        return tuple(one for one in self.remarks if one != said)

    @property
    def search_told(self) -> str:
        """What was searched and with which model, where none of its candidates is a finding."""
        told = search_sentence(self.search) if self.search is not None else ""
        return told if told in self.how_read else ""

    @property
    def open(self) -> tuple[FindingLine, ...]:
        """Those that wait for an answer."""
        return self.in_state(*OPEN_STATES)

    @property
    def left_out(self) -> LeftOut | None:
        """How many are not among the findings, and why; None where nothing was searched for."""
        if not self.searched and not self.findings:
            return None
        counts = Counter(line.state for line in self.findings)
        large = sum(line.mean_diameter_mm >= LARGE_HELD_MM for line in self.in_state(HELD))
        rejected = self.in_state(Answer.REJECT.value)
        reasons = Counter(line.reason for line in rejected if line.reason)
        return LeftOut(
            unanswered=len(self.open),
            held=counts[HELD],
            large=large,
            large_mm=LARGE_HELD_MM,
            rejected=len(rejected),
            reasons=tuple(reasons.most_common()),
        )

    def told_how(self, sentence: str) -> ReportContent:
        """The same with one more sentence of how it was read: for report, SR and passport."""
        how = (*self.how_read, sentence)
        return replace(self, how_read=how, remarks=_told_once(how, (*how, *self.remarks)))

    def with_remarks(self, sentences: Iterable[str]) -> ReportContent:
        """The same with more remarks, each told once."""
        return replace(self, remarks=_told_once(self.how_read, (*self.remarks, *sentences)))


def report_content(
    series: Series,
    reading: Reading,
    *,
    rule: str = "",
    remarks: Iterable[str] = (),
    findings_text: str = "",
    impression: str = "",
    words_of: Callable[[str], str] = lambda _key: "",
    others: Mapping[str, Series] | None = None,
) -> ReportContent:
    """The report of one reading; how it was read comes first among the remarks.

    words_of: the reader's words behind a key of the log. others: other series that were drawn on.
    """
    names, told = short_names(reading), how_read(reading)
    return ReportContent(
        series_uid=series.uid,
        scan=_scan(series),
        rule=rule,
        findings_text=findings_text,
        impression=impression,
        lungs_segmented=bool(reading.lung_figures),
        searched=reading.searched,
        search=search_of(reading),
        lungs=_lungs(reading, series),
        findings=tuple(_line(f, names[f.id], series, reading, words_of) for f in reading.findings),
        key_images=key_lines(reading, series),
        measurements=measurement_lines(series, reading, words_of, others),
        remarks=_told_once(told, (*told, *remarks)),
        how_read=told,
        models=models(reading),
        drawn=_drawn(reading),
        policies=tuple(sorted({proposal.policy for proposal in reading.proposals.values()})),
    )


def _told_once(how: tuple[str, ...], remarks: Iterable[str]) -> tuple[str, ...]:
    """Each remark once; none that stands within what is told of how it was read."""
    kept = (one for one in remarks if one in how or not any(one in told for told in how))
    return tuple(dict.fromkeys(kept))


def models(reading: Reading) -> tuple[MadeBy, ...]:
    """Every model that had a part in the reading, each once; also one that found nothing."""
    lungs = [reading.lungs.made_by] if reading.lungs is not None else []
    search = search_of(reading)
    by = [search.by] if search is not None and search.by is not None else []
    made = [*lungs, *by, *(finding.made_by for finding in reading.findings)]
    return tuple(dict.fromkeys(one for one in made if not is_drawn(one)))


def _drawn(reading: Reading) -> tuple[str, ...]:
    """Lungs that no model drew, and every finding out of a file."""
    lungs = [drawn_words(reading.lungs.made_by)] if reading.lungs is not None else []
    found = (origin_words(f, str(reading.state(f.id))) for f in reading.findings)
    return tuple(dict.fromkeys(filter(None, (*lungs, *found))))


def _scan(series: Series) -> ScanLine:
    spacing = series.geometry.spacing_kji_mm if series.geometry is not None else None
    between = (spacing[0], spacing[1], spacing[2]) if spacing is not None else None
    return ScanLine(series.number, len(series.sources), between, series.kernel)


def _lungs(reading: Reading, series: Series) -> tuple[LungLine, ...]:
    by_number = {figures.number: figures for figures in reading.lung_figures}
    made_by = reading.lungs.made_by.name if reading.lungs is not None else ""
    use = density_use(series)
    lines = []
    for lung in (*LUNGS, BOTH_LUNGS):
        figures = by_number.get(lung.number)
        if figures is None:
            continue
        density = figures.density if use.given else None
        lines.append(
            LungLine(
                side=LUNG_SIDES[lung.name],
                label=lung.label,
                volume_ml=round(float(figures.volume_ml), VOLUME_DIGITS),
                mean_hu=round(float(figures.mean_hu), HU_DIGITS),
                made_by=made_by.strip(),
                tracking_uid=tracking_uid(reading.id, lung.name),
                laa950_percent=round(100 * density.below_950, 1) if density else None,
                p15_hu=float(density.p15_hu) if density else None,
                density_note=use.sentence if figures.density is not None else "",
            )
        )
    return tuple(lines)


def _line(
    finding: Finding, name: str, series: Series, reading: Reading, words_of: Callable[[str], str]
) -> FindingLine:
    figures, state = finding.measurement, str(reading.state(finding.id))
    verdict, label = reading.verdicts.get(finding.id), reading.labels.get(finding.id)
    x, y, z = (round(float(mm), 2) for mm in finding.centre_lps)
    return FindingLine(
        id=finding.id,
        name=name,
        state=state,
        by=verdict.by if verdict is not None else "",
        zone=finding.zone,
        series=series.number,
        image=series.image_number(finding.slice_index),
        centre_mm=(x, y, z),
        long_mm=round(float(figures.long_mm), LENGTH_DIGITS),
        short_mm=round(float(figures.short_mm), LENGTH_DIGITS),
        mean_diameter_mm=round(float(figures.mean_diameter_mm), LENGTH_DIGITS),
        volume_mm3=round(float(figures.volume_mm3), VOLUME_DIGITS),
        mean_hu=round(float(figures.mean_hu), HU_DIGITS),
        p10_hu=round(float(figures.p10_hu), HU_DIGITS),
        p90_hu=round(float(figures.p90_hu), HU_DIGITS),
        type=figures.type,
        chance=round(float(finding.chance), 4) if finding.id in reading.proposals else None,
        made_by=finding.made_by.name.strip(),
        tracking_uid=finding_uid(reading.id, finding),
        kind=finding.kind,
        label=words_of(label.words) if label is not None and label.words else "",
        reason=reading.reasons.get(finding.id, ""),
        origin=origin_words(finding, state),
    )
