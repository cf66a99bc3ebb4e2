"""What a reading without a window says on the terminal, in the language of its report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from viewer.reading.report.words import Tell


def read_lines(
    tell: Tell,
    name: str,
    counts: tuple[int, int, int],
    sentences: Iterable[str],
    folder: object,
) -> Iterator[str]:
    """Lines of one study that was read. counts: candidates, accepted by rule, held back."""
    found, accepted, held = counts
    if found == 1:
        line = tell("{0}: 1 candidate, {1} accepted by rule, {2} held back", name, accepted, held)
    else:
        line = tell(
            "{0}: {1} candidates, {2} accepted by rule, {3} held back",
            name, found, accepted, held,
        )  # fmt: skip
    yield line
    for sentence in sentences:
        yield f"  {tell.say(sentence)}"
    yield "  " + tell("written to {0}", folder)


def not_read_line(tell: Tell, name: str, why: str) -> str:
    """One line of a study that was not read. why: in English, as it was raised."""
    return tell("{0}: {1}", name, " ".join(tell.say(" ".join(why.split())).split()))


def bug_sentence(place: object) -> str:
    """Why a study was not read where the fault is this program's. place: of the details."""
    return f"An internal error; details are in {place}."


def nothing_learnt(tell: Tell) -> str:
    return tell("This machine has learnt nothing yet; the prior decides.")


def bad_rule(tell: Tell) -> str:
    return tell("--accept takes all, none or a chance from 0 to 1.")


def bad_reason(tell: Tell) -> str:
    return tell("--override-gate needs a reason, of 200 characters at most.")
