"""The words of a report in the reader's language, whatever form it takes.

What the report makes itself is looked up template by template (`tell("Findings ({0})", 3)`); what
comes as whole English sentences (warnings, remarks) is known again by its pattern (`tell.say`).
"""

from __future__ import annotations

from collections.abc import Iterable
from string import Formatter
from typing import TYPE_CHECKING, Any

from viewer import __version__
from viewer.language.catalogue import CHINESE, language
from viewer.language.signs import minus, signs, tidy
from viewer.reading.origin import TAKEN_OVER

if TYPE_CHECKING:
    from viewer.reading.report.content import FindingLine, LungLine, ReportContent
    from viewer.reading.report.key_images import KeyImageLine


class _Figures(Formatter):
    """Sets values into words; a negative figure with a true minus."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text: str = super().format_field(value, format_spec)
        return minus(text) if isinstance(value, int | float) else text


_FIGURES = _Figures()


class Tell:
    """Says things in one language. tongue: how HTML and PDF name it."""

    def __init__(self, code: str) -> None:
        self._language = language(code)
        self.tongue = "zh-CN" if self._language.code == CHINESE else "en"

    def __call__(self, english: str, *values: object) -> str:
        """A literal with the values in its places {0}, {1:.1f} ...; English where it is unknown."""
        language = self._language
        words = language.text(english, "Report") or language.sentences.get(english) or english
        return _FIGURES.format(words, *values) if values else words

    def say(self, english: str) -> str:
        """One or more sentences that were made elsewhere, numbers and all."""
        return signs(self._language.say(english))

    def joined(self, sentences: Iterable[str]) -> str:
        """One after the other: a full stop of full width brings its own room."""
        return ("" if self.tongue == "zh-CN" else " ").join(filter(None, sentences))


def rule_sentence(least_chance: float | None) -> str:
    """How findings were accepted where no reader did. None: none of them, 0: every one."""
    if least_chance is None:
        return "No finding was accepted: nobody read this scan."
    if least_chance == 0:
        return "Every proposed finding was accepted by rule; nobody read this scan."
    return (
        f"Findings were accepted by rule, chance {least_chance:g} or more; nobody read this scan."
    )


def heads(tell: Tell) -> tuple[str, ...]:
    """Of the table of findings."""
    return (
        tell("Finding"),
        tell("Type"),
        tell("Long by short axis"),
        tell("Mean diameter"),
        tell("Volume"),
        tell("Mean density"),
        tell("Image"),
        tell("Answer"),
    )


def short_heads(tell: Tell) -> tuple[str, ...]:
    """The same for narrow columns."""
    return (
        tell("Finding"),
        tell("Type"),
        tell("Long × short"),
        tell("Mean"),
        tell("Volume"),
        tell("Density"),
        tell("Image"),
        tell("Answer"),
    )


def state_word(tell: Tell, state: str) -> str:
    words = {
        "accepted": tell("accepted"),
        "edited": tell("edited"),
        "added": tell("added"),
        "taken over": tell("taken over"),
        "rejected": tell("rejected"),
        "held": tell("held back"),
        "undecided": tell("undecided"),
        "proposed": tell("undecided"),
    }
    return words.get(state, state)


def type_word(tell: Tell, kind: str) -> str:
    words = {
        "solid": tell("solid"),
        "part-solid": tell("part-solid"),
        "ground glass": tell("ground glass"),
        "calcified": tell("calcified"),
        "type unknown": tell("type unknown"),
        "lymph node": tell("lymph node"),
        "pleural effusion": tell("pleural effusion"),
        "mass": tell("mass"),
        "cyst": tell("cyst"),
        "scar": tell("scar"),
        "consolidation": tell("consolidation"),
        "atelectasis": tell("atelectasis"),
        "lesion": tell("lesion"),
    }
    return words.get(kind, kind)


def reason_word(tell: Tell, reason: str) -> str:
    """Why a finding was rejected."""
    words = {
        "vessel": tell("vessel"),
        "scar": tell("scar"),
        "lymph-node": tell("lymph node"),
        "atelectasis": tell("atelectasis"),
        "other": tell("other"),
    }
    return words.get(reason, reason)


def plane_word(tell: Tell, plane: str) -> str:
    words = {
        "axial": tell("axial"),
        "coronal": tell("coronal"),
        "sagittal": tell("sagittal"),
        "oblique": tell("oblique"),
    }
    return words.get(plane, plane)


def name_words(tell: Tell, name: str) -> str:
    """The name of a finding: its place and number, as 'RUZ 1'."""
    place, _, number = name.rpartition(" ")
    words = {
        "RUZ": tell("RUZ"),
        "RMZ": tell("RMZ"),
        "RLZ": tell("RLZ"),
        "LUZ": tell("LUZ"),
        "LMZ": tell("LMZ"),
        "LLZ": tell("LLZ"),
        "Outside": tell("Outside"),
        "Finding": tell("Finding"),
    }
    return f"{words.get(place, place)} {number}" if place else name


def lung_name(tell: Tell, line: LungLine) -> str:
    if line.side == "both":
        return tell("Lungs, side not told")
    return tell("Right lung") if line.side == "right" else tell("Left lung")


def lung_words(tell: Tell, line: LungLine) -> str:
    """One lung in one line."""
    name = lung_name(tell, line)
    told = tell("{0}: {1:.0f} ml, mean {2:.0f} HU", name, line.volume_ml, line.mean_hu)
    if line.p15_hu is None or line.laa950_percent is None:
        return told
    more = tell("15th percentile {0:.0f} HU, LAA-950 {1:.1f} %", line.p15_hu, line.laa950_percent)
    return tell("{0}; {1}", told, more)


def density_notes(tell: Tell, lungs: Iterable[LungLine]) -> tuple[str, ...]:
    """What to mind about the densities, each once."""
    notes = dict.fromkeys(line.density_note for line in lungs if line.density_note)
    return tuple(tell.say(note) for note in notes)


def place_words(tell: Tell, series: int, image: int | None) -> str:
    """As readers point at an image."""
    return tell("se {0}", series) if image is None else tell("se {0} im {1}", series, image)


def finding_words(tell: Tell, line: FindingLine) -> str:
    """One finding in one sentence, with all that identifies its figures, and its file."""
    told = tell(
        "{0}: {1}, {2:.1f} × {3:.1f} mm (mean {4:.1f} mm), {5:.0f} mm³, {6:.0f} HU; {7}; {8}",
        name_words(tell, line.name),
        type_word(tell, line.what),
        line.long_mm,
        line.short_mm,
        line.mean_diameter_mm,
        line.volume_mm3,
        line.mean_hu,
        place_words(tell, line.series, line.image),
        answer_words(tell, line),
    )
    return tell("{0}; {1}", told, tell.say(line.origin)) if line.origin else told


def finding_place(tell: Tell, line: FindingLine) -> str:
    """'RUZ 1, se 2 im 37'."""
    where = place_words(tell, line.series, line.image)
    return tell("{0}, {1}", name_words(tell, line.name), where)


def finding_cells(tell: Tell, line: FindingLine) -> tuple[str, ...]:
    """A finding's row in the table that `heads` stand over."""
    return (
        name_words(tell, line.name),
        type_word(tell, line.what),
        f"{line.long_mm:.1f} × {line.short_mm:.1f} mm",
        f"{line.mean_diameter_mm:.1f} mm",
        f"{line.volume_mm3:.0f} mm³",
        hu_words(line.mean_hu),
        place_words(tell, line.series, line.image),
        answer_words(tell, line),
    )


def hu_words(mean_hu: float) -> str:
    return minus(f"{mean_hu:.0f} HU")


def answer_words(tell: Tell, line: FindingLine) -> str:
    """The answer and who gave it; the model's chance where a search found it."""
    told = state_word(tell, line.told_state)
    if line.reason:
        told = tell("{0}: {1}", told, reason_word(tell, line.reason))
    if line.by:
        by = {"reader": tell("reader"), "rule": tell("rule")}
        told = tell("{0} by {1}", told, by.get(line.by, line.by))
    return told if line.chance is None else tell("{0}, chance {1:.2f}", told, line.chance)


def key_words(tell: Tell, line: KeyImageLine) -> str:
    """One key image in one line: what it shows, where it lies, how it was looked at."""
    finding = name_words(tell, line.finding) if line.finding else ""
    where = place_words(tell, line.series, line.image_or_none)
    inverted = tell("inverted") if line.inverted else ""
    plane = plane_word(tell, line.plane)
    if line.plane == "axial":
        seen = tell("{0}, {1}", plane, where)
    else:
        seen = tell("shown in the {0} plane, crosshair on {1}", plane, where)
    parts = (finding, seen, slab_words(tell, line), line.window, inverted)
    return tell(", ").join(part for part in parts if part)


def slab_words(tell: Tell, line: KeyImageLine) -> str:
    """How a slab was joined, and how thick it is; nothing for a single plane."""
    words = {
        "max": tell("MIP {0:g} mm", line.slab_mm),
        "min": tell("MinIP {0:g} mm", line.slab_mm),
        "mean": tell("average {0:g} mm", line.slab_mm),
    }
    return words.get(line.slab, "")


def left_out_words(tell: Tell, content: ReportContent) -> str:
    """How many are not among the findings, and why; empty where an empty list says it already.

    Where nobody searched, no candidates are counted: what lies there came in a file or by hand.
    """
    left = content.left_out
    if left is None:
        return ""
    told = []
    if not content.searched and content.accepted:
        told.append(tell("Nodules were not searched for."))
    if content.searched or left.unanswered:
        told.append(tell("Candidates without an answer: {0}.", left.unanswered))
    if left.large:
        told.append(
            tell(
                "{0} held back by the agent, {1} of them of {2:g} mm or more.",
                left.held,
                left.large,
                left.large_mm,
            )
        )
    elif left.held:
        told.append(
            tell(
                "{0} held back by the agent, none of them of {1:g} mm or more.",
                left.held,
                left.large_mm,
            )
        )
    if left.rejected:
        told.append(tell("{0} rejected.", left.rejected))
    if left.reasons:
        why = tell(", ").join(f"{reason_word(tell, why)} {count}" for why, count in left.reasons)
        told.append(tell("Rejected as: {0}.", why))
    if left.unanswered + left.held + left.rejected:
        told += [_tables_words(tell, content.tables)] if content.tables else []
    return tell.joined(told)


def _tables_words(tell: Tell, tables: tuple[str, ...]) -> str:
    """Where all that is no finding stands."""
    first, *rest = tables
    if not rest:
        return tell("Each of them stands in {0}.", first)
    return tell("Each of them stands in {0} and {1}.", first, rest[0])


def overview_words(tell: Tell, content: ReportContent) -> tuple[str, ...]:
    """Which findings the picture of the lungs shows, and how many it does not."""
    told = [_rings_words(tell, content)]
    left = content.left_out
    if left is not None and left.unanswered + left.held + left.rejected:
        told.append(
            tell(
                "Not drawn: {0} without an answer, {1} held back, {2} rejected.",
                left.unanswered,
                left.held,
                left.rejected,
            )
        )
    return tuple(told)


def _rings_words(tell: Tell, content: ReportContent) -> str:
    """Whose findings have a ring: what came in a file and was judged by nobody is not confirmed."""
    taken = sum(line.told_state == TAKEN_OVER for line in content.accepted)
    confirmed = len(content.accepted) - taken
    if not taken:
        return tell("Rings: confirmed findings only ({0}).", confirmed)
    if not confirmed:
        return tell("Rings: taken over out of a file ({0}), none confirmed.", taken)
    return tell("Rings: confirmed ({0}), taken over out of a file ({1}).", confirmed, taken)


def no_findings_words(tell: Tell, content: ReportContent) -> str:
    """What is said in place of an empty list."""
    if not content.searched:
        return tell("Nodules were not searched for.")
    none = tell(
        "No finding was accepted. That is no all-clear: the search misses nodules, and nothing "
        "replaces a reader's own look."
    )
    if not content.search_told:
        return none
    warned = tell(
        "That is no all-clear: the search misses nodules, and nothing replaces a reader's own look."
    )
    return tell.joined((tell.say(content.search_told), warned))


def made_with_words(tell: Tell, content: ReportContent) -> str:
    """The program, the models and the agent's policies."""
    program = tell("{0}.", f"Hilum {__version__}")
    names = tell(", ").join(model.name for model in content.models)
    told = tell("Models: {0}.", names) if names else tell("Models: none.")
    for one in content.drawn:
        told = tell.joined((told, tell("{0}.", tell.say(one))))
    if not content.policies:
        return tell.joined((program, told))
    policies = tell("Agent: policy {0}.", tell(", ").join(content.policies))
    return tell.joined((program, told, policies))


def scan_words(tell: Tell, content: ReportContent) -> str:
    """What was read."""
    scan = content.scan
    images = tell("1 image") if scan.images == 1 else tell("{0} images", scan.images)
    parts = [tell("Series {0}", scan.series), images]
    if scan.spacing_kji_mm is not None and scan.images == 1:
        parts.append(tell("pixels {0} by {1} mm", *map(tidy, scan.spacing_kji_mm[1:])))
    elif scan.spacing_kji_mm is not None:
        parts.append(
            tell("{0} mm between slices, pixels {1} by {2} mm", *map(tidy, scan.spacing_kji_mm))
        )
    if scan.kernel:
        parts.append(tell("kernel {0}", scan.kernel))
    return tell("{0}.", tell(", ").join(parts))
