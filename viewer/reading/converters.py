"""Old rows read as if they had been written today; the rows themselves are never rewritten.

The log is a chain: a row that changed would break every seal after it. So a row keeps the schema it
was written in for ever, and what has changed since is made good each time it is read: the JSON body
passes through the converters of its kind, one schema after the other, up to today's.

To add an event, or to change one
1. Event: a frozen dataclass in `events.py`, in the union `Event`, with its case in `_take` (and in
   `UNDOABLE` where the reader may undo it). Names, UIDs and paths have no place in it: log a keyed
   hash (`home.pseudonym`), keep the plain form in the library.
2. Codec: a class of plain values goes into `_SIMPLE` in `codec.py`; one with voxels gets its own
   lines in `_body` and `decode`.
3. A new kind alone needs no converter, but it does need a new `SCHEMA`: an older Hilum must be able
   to say that the log is newer than itself instead of guessing.
4. A changed kind (a field added, renamed, given another unit): raise `SCHEMA` to n + 1 and add
   `("Kind", n): function` below, which turns the body of schema n into that of n + 1. A field that
   was not known then gets the value that is true of old rows, never one that is merely handy.
   Kinds that did not change need nothing.
5. Begun keeps its name, and keyed hashes stay as they are: both are searched for as text.
6. Freeze: append rows of the new schema to a new file in `tests/reading/frozen`. The older files
   there stay as they are and must fold for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

SCHEMA = 11
"""Of the rows written today. A log that holds a row of a newer one is never written to.

1: the first. 2: Signed, Amended, Reopened and ReportWritten were added; no kind changed.
3: ModeChosen, OwnPassDone, CoverageNoted, KeyImageKept, KeyImageDropped and PriorLinked were added.
4: ScanJudged and LungsCompared were added; figures of lungs got their density.
5: MeasurementAdded and MeasurementChanged got the series that was drawn on.
6: what made lungs and findings got its weights, runtime, device and a remark.
7: FindingDescribed was added.
8: ReaderNamed was added.
9: findings that came in a file got what it says of them.
10: PolicyChosen was added; what was chosen before stands in `meta`, and stays there.
11: FindingsProposed got the model that searched, so that a search that found nothing has one.
"""

Body = dict[str, Any]
Converter = Callable[[Body], Body]


def _no_density(body: Body) -> Body:
    """Nobody counted it then."""
    return {**body, "figures": [{**row, "density": None} for row in body["figures"]]}


def _on_the_scan_that_is_read(body: Body) -> Body:
    """Nothing else could be drawn on then."""
    measured = body["measured"]
    return {**body, "measured": {**measured, "shape": {**measured["shape"], "series": ""}}}


_RUN_NOT_NOTED = {"weights_sha256": "", "runtime": "", "device": "", "remark": ""}


def _made_somehow(body: Body) -> Body:
    """How a model was run was not noted then."""
    if "findings" in body:
        return {**body, "findings": [_run_not_noted(made) for made in body["findings"]]}
    where = "finding" if "finding" in body else "labels"
    return {**body, where: _run_not_noted(body[where])}


def _run_not_noted(made: Body | None) -> Body | None:
    """made: a finding or lungs; None for lungs that were not kept."""
    return made and {**made, "made_by": {**made["made_by"], **_RUN_NOT_NOTED}}


def _out_of_no_file(body: Body) -> Body:
    """What a file said of its findings was not noted then."""
    if "findings" in body:
        return {**body, "findings": [{**one, "origin": None} for one in body["findings"]]}
    return {**body, "finding": {**body["finding"], "origin": None}}


def _searched_by(body: Body) -> Body:
    """The candidates say which model found them; of a search without any it was not noted."""
    made = [one["made_by"] for one in body["findings"]]
    return {**body, "made_by": made[0] if made else None}


CONVERTERS: Mapping[tuple[str, int], Converter] = {
    ("SegmentsAdded", 3): _no_density,
    ("LungsCounted", 3): _no_density,
    ("MeasurementAdded", 4): _on_the_scan_that_is_read,
    ("MeasurementChanged", 4): _on_the_scan_that_is_read,
    ("SegmentsAdded", 5): _made_somehow,
    ("FindingsProposed", 5): _made_somehow,
    ("FindingAdded", 5): _made_somehow,
    ("FindingEdited", 5): _made_somehow,
    ("FindingsProposed", 8): _out_of_no_file,
    ("FindingAdded", 8): _out_of_no_file,
    ("FindingEdited", 8): _out_of_no_file,
    ("FindingsProposed", 10): _searched_by,
}
"""(kind, schema n): the body of schema n as one of schema n + 1."""


def up_to_date(kind: str, schema: int, body: Body) -> Body:
    """The body of a row of that kind and schema, as a row written today would have it.

    Raises ValueError for a row of a newer schema: nobody can know what it means.
    """
    if not 1 <= schema <= SCHEMA:
        raise ValueError(f"a row of schema {schema} cannot be read as one of schema {SCHEMA}")
    for step in range(schema, SCHEMA):
        convert = CONVERTERS.get((kind, step))
        if convert is not None:
            body = convert(body)
    return body
