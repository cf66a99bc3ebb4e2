"""How a reading was done: second reader or not, how much lung was shown, how fit the scan was."""

from __future__ import annotations

from datetime import datetime

from viewer.dicom.masks.drawn_by import by_program
from viewer.reading.events import ADDED, SECOND, FindingAdded, ModeChosen, OwnPassDone
from viewer.reading.origin import came_in
from viewer.reading.reading import Reading
from viewer.reading.searching import search_of, search_sentence


def how_read(reading: Reading) -> tuple[str, ...]:
    """For report, SR and passport; nothing for a reading from before this was noted."""
    first = (one(reading) for one in (_mode, _early, _coverage, _fit))
    last = (one(reading) for one in (_compared, _search))
    return tuple(filter(None, (*first, *_odd(reading), *last)))


def overridden(reason: str) -> str:
    """Why whoever asked without a window had a scan segmented that the gate refused."""
    return f"The gate's refusal was overridden, for this reason: {reason.rstrip('.')}."


def _mode(reading: Reading) -> str:
    if not reading.mode:
        return ""
    if reading.mode != SECOND:
        return "Read with a concurrent reader: marks of the AI showed as they came."
    done = reading.own_pass
    if done is None and (early := _shown_before(reading)):
        return (
            "Second reader: the own pass was not ended; marks of a program, out of a file, showed "
            f"from {early} on."
        )
    if done is None:
        return "Second reader: the own pass was not ended, so no mark of the AI was shown."
    at = f"{datetime.fromisoformat(reading.own_pass_at).astimezone():%H:%M}"
    if done.asked_early:
        return f"Second reader, but marks were asked for at {at}, before an own pass was ended."
    return (
        f"Second reader: the own pass took {_minutes(done.seconds)}; marks of the AI showed from "
        f"{at} on."
    )


def _early(reading: Reading) -> str:
    """That something of a program's was shown before the own pass was done, where it was done."""
    early = _shown_before(reading) if reading.own_pass is not None else ""
    if not early:
        return ""
    return (
        f"Marks of a program, out of a file, showed before the own pass was done, from {early} on."
    )


def _shown_before(reading: Reading) -> str:
    """When the first mark of a program, out of a file, came before the own pass was done."""
    mode = ""
    for row in reading.history:
        event = row.event
        if isinstance(event, OwnPassDone) and row.seq not in reading.withdrawn:
            return ""
        if isinstance(event, ModeChosen):
            mode = event.mode
        if not isinstance(event, FindingAdded) or mode != SECOND:
            continue
        one = event.finding
        if came_in(one, ADDED) and by_program(one.made_by, one.origin):
            return f"{datetime.fromisoformat(row.at).astimezone():%H:%M}"
    return ""


def _coverage(reading: Reading) -> str:
    noted = reading.coverage
    if noted is None or noted.right < 0 or noted.left < 0:
        return ""
    right, left = (int(100 * share + 1e-6) for share in (noted.right, noted.left))
    return (
        f"On screen in a lung window, large and long enough: {right} % of the right lung, {left} % "
        "of the left."
    )


def _fit(reading: Reading) -> str:
    """What the gate doubted, and that a reader overruled it; nothing for a scan without a doubt."""
    told = reading.fit
    if told is None or not reading.has_lungs or not told.reasons:
        return ""
    said = "The scan was fit for the AI, with doubts."
    if told.by_reader:
        said = "The gate refused the scan; it was segmented at the reader's wish."
    return " ".join((said, *told.reasons))


def _odd(reading: Reading) -> tuple[str, ...]:
    """What is odd about the lungs, beyond the gate's doubts: figures go nowhere without it."""
    told = reading.fit.reasons if reading.fit is not None else ()
    return tuple(one for one in reading.lung_warnings if reading.has_lungs and one not in told)


def _compared(reading: Reading) -> str:
    """What a second method made of the same lungs, where the reader asked it."""
    told = reading.compared
    if told is None:
        return ""
    right, left = (f"{value:.3f}" if value >= 0 else "–" for value in told.dice)
    return (
        f"The lungs were compared with {told.card} {told.version}: Dice right {right}, left "
        f"{left}; places to check: {len(told.places)}."
    )


def _search(reading: Reading) -> str:
    """Where nothing of a search goes out; nothing while its candidates wait for the own pass."""
    search = search_of(reading)
    if search is None or search.accepted or (reading.blind and search.candidates):
        return ""
    return search_sentence(search)


def _minutes(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"
