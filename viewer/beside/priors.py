"""Other chest CTs of the patient: found, offered, opened beside the scan that is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from ai.errors import HilumError
from ai.worker.messages import Failed
from viewer.beside.comparing import Comparing
from viewer.beside.prior_link import JOB, PriorLink
from viewer.desk.elsewhere import Elsewhere, Say
from viewer.dicom.io_messages import Found, Look
from viewer.dicom.series import Series
from viewer.jobs import Job
from viewer.keymaps import cap
from viewer.notices import BANNER, WARN, Notice, of_error
from viewer.open_scan import OpenScan
from viewer.reading.same_patient import (
    OtherStudy,
    has_id,
    other_patient,
    other_studies,
    shown_first,
)
from viewer.views.layouts import SECONDS
from viewer.views.pane_text import date_text
from viewer.views.panes import Panes

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("Prior", text)


class Priors(QObject):
    """Of one window. at_hand: the patient's other studies, the newest prior first.

    told: studies, by UID, of whose prior the reader has heard.
    """

    changed = Signal()

    def __init__(self, desk: Desk, panes: Panes, comparing: Comparing) -> None:
        super().__init__(panes)
        self._desk, self._panes, self._comparing = desk, panes, comparing
        self.link = PriorLink(desk, panes)
        self.at_hand: tuple[OtherStudy, ...] = ()
        self.told: set[str] = set()
        self._elsewhere = Elsewhere(self)
        self._looking: tuple[str, OtherStudy] | None = None
        self._family: tuple[Series, ...] = ()
        comparing.dress = self.link.dress
        comparing.stays = self.link.stays
        comparing.family = self._family_of
        comparing.asked_elsewhere = self._refuse_other
        comparing.read.connect(self.link.take_read)
        desk.scan_opened.connect(self._scan_opened)
        desk.scan_completed.connect(self._scan_completed)
        desk.jobs.answered.connect(self._answered)

    @property
    def newest(self) -> OtherStudy | None:
        """The newest study before the one that is read."""
        first = self.at_hand[0] if self.at_hand else None
        return first if first is not None and (first.days or 0) > 0 else None

    def begin(self) -> bool:
        """With the layout for it: the newest prior, where there is one; True where it comes."""
        if self._panes.second is not None or self._looking is not None:
            return self._looking is not None
        newest = self.newest
        if newest is not None:
            self.show(newest)
        return newest is not None

    def show(self, study: OtherStudy) -> None:
        """A study beside the scan that is read; one in another folder is looked up there first."""
        if study.series:
            self._family = study.series
            self._comparing.choose(study.series[0])
            return
        self.cancel()
        job = self._desk.jobs.new_id(JOB)
        self._looking = job, study
        self._desk.jobs.ask_io("open", Look(job, str(study.path)))

    def take_family(self, series: tuple[Series, ...]) -> None:
        """The series of the prior's study as another window had them, for the keys that step."""
        self._family = series

    def cancel(self) -> bool:
        """Esc: a prior that is being looked for is not; False where none was."""
        looking, self._looking = self._looking, None
        if looking is not None:
            self._desk.jobs.cancel(looking[0])
        return looking is not None

    def jump(self) -> None:
        """J: the place of the current finding in both scans; keys then mean the other one."""
        panes = self._panes
        if panes.second is None:
            self._desk.tell(Notice(tr("No other scan stands beside this one.")))
            return
        finding = self._desk.current_finding
        if finding is not None:
            panes.go_to(finding.centre_lps)
        if not panes.linked:
            text = tr("The two scans are not linked; {0} links them.").format(cap("link"))
            self._desk.tell(Notice(text))
        here = panes.views[panes.active]
        if not set(SECONDS) & set(panes.shown):  # one place: it shows the one, then the other
            panes.show_in(panes.active, second=not here.of_second)
            return
        beside = [
            panes.views[name]
            for name in panes.shown
            if name in panes.views and panes.views[name].of_second != here.of_second
        ]
        same = [view for view in beside if view.plane.name == here.plane.name]
        if beside:
            panes.activate((same or beside)[0].name)

    # Within

    def _scan_opened(self, scan: OpenScan) -> None:
        """Who else's scans those are is told by the headers; whether they lie there, by a look."""
        self.cancel()
        desk, opened = self._desk, self._desk.opening.opened
        here = opened.series if opened is not None else ()
        patient = scan.series.patient
        try:
            sure = has_id(patient)
            known = desk.library.ct_of_patient(patient.id, patient.issuer) if sure else ()
        except HilumError as error:
            known = ()
            desk.tell(of_error(error))
        found = other_studies(scan.series, scan.path, here, known)
        self._take(tuple(study for study in found if study.series))
        elsewhere = [study for study in found if not study.series]
        if elsewhere:
            paths = [study.path for study in elsewhere]

            def look() -> Say:
                there = {path for path in paths if _exists(path)}
                kept = tuple(s for s in found if s.series or s.path in there)
                return lambda: self._looked(scan, kept)

            self._elsewhere.do(look)

    def _looked(self, scan: OpenScan, found: tuple[OtherStudy, ...]) -> None:
        now = self._desk.scan
        if now is not None and now.series is scan.series:
            self._take(found)
            if now.complete:
                self._tell_of(now.series)

    def _take(self, found: tuple[OtherStudy, ...]) -> None:
        self.at_hand = found
        self.changed.emit()

    def _scan_completed(self, scan: OpenScan) -> None:
        self._tell_of(scan.series)

    def _tell_of(self, series: Series) -> None:
        """Once for each study, and not where the prior stands there already."""
        newest = self.newest
        if newest is None or series.study_uid in self.told or self._panes.second is not None:
            return
        self.told.add(series.study_uid)
        text = tr("An earlier chest CT of {0} is at hand. {1} shows it beside this one.")
        words = text.format(date_text(newest.study_date), cap("layout-compare"))
        self._desk.tell(Notice(words))

    def _family_of(self, series: Series) -> tuple[Series, ...]:
        """The series of a prior's study, for the keys that step through them."""
        same = any(one.key == series.key for one in self._family)
        return self._family if same else ()

    def _refuse_other(self, series: Series) -> bool:
        """A scan that the headers call another patient's is never shown beside this one."""
        scan = self._desk.scan
        if scan is None or not other_patient(scan.series.patient, series.patient):
            return False
        text = tr("That scan is another patient's: it is not shown beside this one.")
        self._desk.tell(Notice(text, "", WARN, BANNER))
        return True

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        if self._looking is None or job.id != self._looking[0]:
            return
        (_, study), self._looking = self._looking, None
        scan = self._desk.scan
        if isinstance(message, Failed):
            self._desk.jobs.clear(job.id)
            if not message.cancelled:
                self._desk.tell(Notice(message.sentence, message.remedy, WARN, BANNER))
        elif isinstance(message, Found) and scan is not None:
            fit = shown_first(message.opened.series, study.study_uid, scan.series)
            if fit:
                self._family = fit
                self._comparing.choose(fit[0])
            else:
                text = tr("{0} no longer holds a CT of this patient of {1}.")
                told = text.format(study.path.name, date_text(study.study_date))
                self._desk.tell(Notice(told, "", WARN, BANNER))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
