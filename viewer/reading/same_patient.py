"""Which other studies at hand are the same patient's: by id and issuer, never by name alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from viewer.dicom.series import Patient, Series
from viewer.reading.library import KnownSeries

CT = "CT"
NOBODYS = frozenset({
    "anon", "anonym", "anonymous", "anonymized", "anonymised", "deidentified", "default", "na",
    "nn", "no", "noid", "none", "null", "patient", "phantom", "private", "redacted", "removed",
    "test", "unknown",
})  # fmt: skip
"""What stands for an id where there is none, letters and digits alone, in small letters."""


@dataclass(frozen=True, eq=False)
class OtherStudy:
    """Another CT study of the patient whose scan is read.

    days: how many days before the scan that is read; less than 0 for a later one; None where a
    date is missing. series: those of the study where it lies in the open folder; else path tells
    where it was seen.
    """

    study_uid: str
    study_date: str
    description: str
    path: Path
    days: int | None
    series: tuple[Series, ...] = ()


def same_patient(one: Patient, other: Patient) -> bool:
    """The same id of the same issuer, and neither birth date nor sex that speaks against it.

    False where there is no id, or one that many share: a name is not enough.
    """
    birth_dates = {one.birth_date.strip(), other.birth_date.strip()} - {""}
    sexes = {one.sex.strip().upper(), other.sex.strip().upper()} & {"M", "F"}
    same = has_id(one) and _whose(one) == _whose(other)
    return same and len(birth_dates) < 2 and len(sexes) < 2


def has_id(patient: Patient) -> bool:
    """Whether the id tells one patient from another: 'ANONYMOUS' and '0000' do not."""
    plain = "".join(sign for sign in patient.id.lower() if sign.isalnum())
    if len(plain) == 1:
        return plain not in ("0", "x")
    return len(set(plain)) > 1 and plain not in NOBODYS


def other_patient(one: Patient, other: Patient) -> bool:
    """Whether the headers say that these are two patients; False where one of them says nothing."""
    if has_id(one) and has_id(other):
        return not same_patient(one, other)
    return False


def days_before(study_date: str, scan_date: str) -> int | None:
    """Days from one DICOM date (YYYYMMDD) to a later one; None where one of them is none."""
    one, other = _date(study_date), _date(scan_date)
    return None if one is None or other is None else (other - one).days


def shown_first(series: Iterable[Series], study_uid: str, scan: Series) -> tuple[Series, ...]:
    """The CT volumes of a study that may stand beside a scan, most like it first.

    None of another patient. Those made with the scan's own kernel come before others.
    """
    fit = [
        one
        for one in series
        if one.study_uid == study_uid
        and one.modality == CT
        and one.geometry is not None
        and same_patient(one.patient, scan.patient)
    ]
    return tuple(sorted(fit, key=lambda one: (not one.axial, one.kernel != scan.kernel)))


def other_studies(
    scan: Series, folder: Path, here: Sequence[Series], known: Sequence[KnownSeries]
) -> tuple[OtherStudy, ...]:
    """The patient's other CT studies: earlier ones first, the newest of them first of all.

    here: what the open folder holds. known: CT series of the same id and issuer from the library.
    """
    found: dict[str, OtherStudy] = {}
    for one in here:
        if one.study_uid == scan.study_uid or one.study_uid in found:
            continue
        fit = shown_first(here, one.study_uid, scan)
        if fit:
            days = days_before(fit[0].study_date, scan.study_date)
            what = fit[0].study_description or fit[0].description
            there = OtherStudy(one.study_uid, fit[0].study_date, what, folder, days, fit)
            found[one.study_uid] = there
    looked_into = {one.study_uid for one in here}
    for seen in known:
        if seen.study_uid in (scan.study_uid, *looked_into, *found):
            continue
        days = days_before(seen.study_date, scan.study_date)
        found[seen.study_uid] = OtherStudy(
            seen.study_uid, seen.study_date, seen.description, seen.path, days
        )
    return tuple(sorted(found.values(), key=_turn))


def _turn(study: OtherStudy) -> tuple[int, int]:
    """Earlier ones, the newest first; then later ones; last those without a date."""
    if study.days is None:
        return 2, 0
    return (0, study.days) if study.days >= 0 else (1, -study.days)


def _whose(patient: Patient) -> tuple[str, str]:
    return patient.id.strip(), patient.issuer.strip()


def _date(dicom: str) -> date | None:
    try:
        return date(int(dicom[:4]), int(dicom[4:6]), int(dicom[6:8]))
    except ValueError:
        return None
