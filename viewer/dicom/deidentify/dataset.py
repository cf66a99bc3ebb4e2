"""One dataset made nameless, with a list of what was changed. Pixel data is never touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydicom.datadict import dictionary_description
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from viewer import __version__
from viewer.dicom.deidentify.rules import Action, Rules, vr_of
from viewer.dicom.deidentify.values import (
    NUMBERS,
    TEXTS,
    Identifiers,
    Replacements,
    dummy,
    raw_bytes,
)

NAME, ID = Tag("PatientName"), Tag("PatientID")
CONTENT, TEXT_VALUE = Tag("ContentSequence"), Tag("TextValue")
SET: Final = "set"
"""What a copy does to the tags of SAID, whatever stood there."""
SAID: Final = (
    Tag("PatientIdentityRemoved"),
    Tag("DeidentificationMethod"),
    Tag("DeidentificationMethodCodeSequence"),
    Tag("LongitudinalTemporalInformationModified"),
)
CODE_MEANING, CODE_VALUE = Tag("CodeMeaning"), Tag("CodeValue")
LONGEST_SHOWN: Final = 64
METHODS: Final = {
    "113100": "Basic Application Confidentiality Profile",
    "113104": "Clean Structured Content Option",
    "113106": "Retain Longitudinal Temporal Information Full Dates Option",
}


@dataclass(frozen=True)
class TagChange:
    """One attribute that is not as it was. tag: (gggg,eeee), after those of the sequences it is in.

    action: what is done. code: the profile's letter for it, empty where the profile is silent.
    becomes: what stands there now.
    """

    tag: str
    name: str
    action: str
    becomes: str
    code: str = ""


@dataclass(frozen=True)
class _Job:
    """What every level of one dataset is cleaned by."""

    rules: Rules
    names: Replacements
    found: Identifiers
    pseudonym: str
    plain: bool
    keep_dates: bool
    changes: list[TagChange]


def deidentify_dataset(
    dataset: Dataset, names: Replacements, rules: Rules, *, keep_dates: bool = False
) -> list[TagChange]:
    """Make a dataset nameless, in place, and say so in it; returns what was changed."""
    patient = names.pseudonym(
        *(_text(dataset, keyword) for keyword in ("PatientID", "PatientName"))
    )
    job = _Job(
        rules,
        names,
        Identifiers.of(dataset, rules, keep_dates=keep_dates),
        patient,
        str(dataset.get("SOPClassUID", "")) in rules.plain_classes,
        keep_dates,
        [],
    )
    is_report = CONTENT in dataset
    for tag in SAID:
        dataset.pop(tag, None)
    _clean(dataset, job, "")
    _say_so(dataset, is_report=is_report, keep_dates=keep_dates)
    return job.changes + [TagChange(_shown(t), _name_of(t), SET, _told(dataset, t)) for t in SAID]


def _text(dataset: Dataset, keyword: str) -> str:
    tag = Tag(keyword)
    return raw_bytes(dataset.get_item(tag)).decode("latin-1") if tag in dataset else ""


def _told(dataset: Dataset, tag: BaseTag) -> str:
    value = dataset[tag].value
    return _short(value) if isinstance(value, str) else ", ".join(item.CodeValue for item in value)


def _clean(level: Dataset, job: _Job, inside: str, *, all_texts: bool = False) -> None:
    """One level of the dataset, and those below. all_texts: in what the profile replaces whole, a
    person's identification code is as telling as a name."""
    public = _is_public_code(level, job.rules)
    for tag in list(level.keys()):
        element = level.get_item(tag)
        vr = vr_of(element)
        action, code = job.rules.action(tag, vr, plain=job.plain, keep_dates=job.keep_dates)
        said = tag == TEXT_VALUE and not _is_kept_text(level, job.rules)
        if said or (all_texts and action is Action.KEEP and vr in TEXTS):
            action = Action.DUMMY
        if action is Action.KEEP:
            if not _is_telling(element, vr, job.found, public=public):
                continue
            action = Action.DUMMY
        if action is Action.LOOK_INSIDE:
            for item in level[tag].value or []:
                whole = all_texts or (code.endswith("D") and tag != CONTENT)
                _clean(item, job, f"{inside}{_shown(tag)} ", all_texts=whole)
            continue
        if tag in (NAME, ID) and action is not Action.REMOVE:
            action = Action.DUMMY
        becomes = _act(level, tag, vr, action, job)
        if becomes is not None:
            job.changes.append(
                TagChange(inside + _shown(tag), _name_of(tag), str(action), becomes, code)
            )


def _is_telling(element: Any, vr: str, found: Identifiers, *, public: bool) -> bool:
    """Whether what would stay holds what must not: the profile cannot know where it is typed."""
    if vr in NUMBERS:
        return found.is_number(raw_bytes(element))
    if vr not in TEXTS or (public and element.tag in (CODE_MEANING, CODE_VALUE)):
        return False
    return found.in_text(raw_bytes(element))


def _act(level: Dataset, tag: BaseTag, vr: str, action: Action, job: _Job) -> str | None:
    """Do it; what stands there now, or None where nothing had to change."""
    old = level.get_item(tag).value
    if action is Action.REMOVE:
        del level[tag]
        return ""
    if tag in (NAME, ID):
        # a name without any caret is of a form that the standard gave up
        new: Any = job.pseudonym.replace("-", "^") if tag == NAME else job.pseudonym
    elif vr == "SQ":
        new = []
    elif action is Action.EMPTY or not old:  # an empty value stays as empty as it was
        if not old:
            return None
        new = None
    elif action is Action.UID:
        uids = raw_bytes(level.get_item(tag)).decode("latin-1").split("\\")
        new = [job.names.uid(uid.strip()) for uid in uids]
        if new == uids:
            return None
        new = new[0] if len(new) == 1 else new
    else:
        new = dummy(vr)
    level[tag] = DataElement(tag, vr, new)
    return "" if new is None or new == [] else _short(new)


def _short(value: Any) -> str:
    text = "\\".join(value) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _shown(tag: BaseTag) -> str:
    return f"({tag.group:04X},{tag.element:04X})"


def _name_of(tag: BaseTag) -> str:
    if tag.is_private:
        return "Private"
    try:
        return dictionary_description(tag)
    except KeyError:
        return "Unknown"


def _is_public_code(level: Dataset, rules: Rules) -> bool:
    tag = Tag("CodingSchemeDesignator")
    return tag in level and raw_bytes(level.get_item(tag)).decode("latin-1") in rules.public_schemes


def _is_kept_text(level: Dataset, rules: Rules) -> bool:
    """Whether a content item's text names a program or a finding and not, perhaps, a person."""
    concepts = level.get("ConceptNameCodeSequence") or []
    return any(str(c.get("CodeValue", "")) in rules.content_texts_kept for c in concepts)


def _say_so(dataset: Dataset, *, is_report: bool, keep_dates: bool) -> None:
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = f"Hilum {__version__}, PS3.15 Basic Profile"
    dataset.DeidentificationMethodCodeSequence = list(
        _methods(is_report=is_report, keep_dates=keep_dates)
    )
    dataset.LongitudinalTemporalInformationModified = "UNMODIFIED" if keep_dates else "REMOVED"


def _methods(*, is_report: bool, keep_dates: bool) -> Iterator[Dataset]:
    wanted = ["113100", *(["113104"] if is_report else []), *(["113106"] if keep_dates else [])]
    for code in wanted:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator = code, "DCM"
        item.CodeMeaning = METHODS[code]
        yield item
