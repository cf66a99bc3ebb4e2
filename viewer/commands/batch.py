"""`hilum batch`: studies read one after the other, each told of, none stopping the next."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ai.errors import HilumError
from ai.trace import trace_of
from viewer.batch import Order, Written, chosen, learnt_policy, read_study, rule_of
from viewer.cli import BAD_ARGUMENTS, COULD_NOT
from viewer.commands.evaluate import SHORT
from viewer.dicom.find import open_path
from viewer.dicom.inspect import Point, decoders_hushed, joined, takes_probes, told_of
from viewer.dicom.series import REFUSED
from viewer.home import private_file, pseudonym, subfolder
from viewer.language.catalogue import ENGLISH, LANGUAGES
from viewer.reading.report.told import (
    bad_reason,
    bad_rule,
    bug_sentence,
    not_read_line,
    nothing_learnt,
    read_lines,
)
from viewer.reading.report.words import Tell

PRIOR, LEARNT = "prior", "learnt"
MOST_REASON = 200
"""Characters of a reason to override the gate."""


def main(words: Sequence[str]) -> int:
    """The command: 0, 1 if any study, or its AI, was refused, 2 for bad arguments."""
    options = _options(words)
    tell = Tell(ENGLISH if options.json else options.language)
    try:
        rule = rule_of(options.accept)
    except ValueError:
        print(bad_rule(tell), file=sys.stderr)
        return BAD_ARGUMENTS
    override = " ".join((options.override_gate or "").split())
    if options.override_gate is not None and not 0 < len(override) <= MOST_REASON:
        print(bad_reason(tell), file=sys.stderr)
        return BAD_ARGUMENTS
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)  # our sentences say what it would say
    try:
        models = tuple(SHORT.get(name, name) for name in options.models.split(",") if name)
        chosen(models)  # a card that is none costs no study
        policy = learnt_policy() if options.policy == LEARNT else None
    except HilumError as error:
        print(tell.say(error.sentence), file=sys.stderr)
        return COULD_NOT
    if policy is None and options.policy == LEARNT:
        print(nothing_learnt(tell), file=sys.stderr)
    both = options.lungs == options.nodules
    order = Order(
        options.out, options.series, both or options.lungs, both or options.nodules, rule,
        options.language, policy, override, _note_override,
        models,
    )  # fmt: skip
    probes = options.probe if options.json else None
    told = [_told(study, order, probes, tell) for study in options.studies]
    if options.json:
        print(json.dumps(told, indent=1))
    return 0 if all(row["read"] for row in told) else COULD_NOT


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="hilum batch",
        description="Read studies without a window. Research use only. Ends with 1 where a study, "
        "or the AI on it, was refused.",
    )
    parser.add_argument("studies", nargs="+", type=Path, metavar="STUDY")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write")
    parser.add_argument("--series", default="", metavar="UID", help="not the default series")
    parser.add_argument("--lungs", action="store_true", help="lungs only, unless --nodules too")
    parser.add_argument("--nodules", action="store_true", help="nodules only, unless --lungs too")
    parser.add_argument(
        "--accept", default="none", metavar="all|none|CHANCE", help="by rule; none unless given"
    )
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        default=ENGLISH,
        help="of the report and of what is printed; en unless given. With --json the sentences "
        "stay English, the same for every machine",
    )
    parser.add_argument(
        "--policy",
        choices=(PRIOR, LEARNT),
        default=PRIOR,
        help="which candidates are shown: by the prior, the same everywhere, unless by what this "
        "machine has learnt; the passport says which",
    )
    parser.add_argument(
        "--override-gate",
        default=None,
        metavar="REASON",
        help="read a scan although the gate refuses it; the reason stands in the report, the SR "
        "and the passport",
    )
    parser.add_argument(
        "--models",
        default="",
        metavar="CARD",
        help="not the default models: cards, by commas, one for lungs, one for nodules (hilum "
        "models list names them)",
    )
    takes_probes(parser)
    parser.add_argument(
        "--json", action="store_true", help="tell all of it as JSON, its sentences in English"
    )
    return parser.parse_args(joined(words))


def _told(study: Path, order: Order, probes: Sequence[Point] | None, tell: Tell) -> dict[str, Any]:
    """One study read and told of; a study that cannot be read never stops the others.

    What `inspect` says of it, word for word, and beside it what became of it here: whether it was
    `read`, and `why_not`; and whether all that was written is `proven`. probes: None where nobody
    asks for JSON; then it is said in words.
    """
    told: dict[str, Any] = {"input": str(study), "outcome": REFUSED, "sentences": [], "series": []}
    try:
        opened = open_path(study)
        if probes is not None:
            with decoders_hushed():
                told |= told_of(opened, probes)
        written = read_study(study, order, opened=opened)
    except HilumError as error:
        return told | _not_read(study, error.sentence, tell)
    except MemoryError:
        return told | _not_read(study, "There is not enough memory for this scan.", tell)
    except Exception as error:  # noqa: BLE001 (our bug in one study must not cost the night's others)
        return told | _not_read(study, bug_sentence(_note_bug(error)), tell)
    if probes is None:
        _say(study, written, tell)
    return told | {
        "read": True,
        "why_not": "",
        "remarks": [one for one in written.sentences if one not in told["sentences"]],
        "folder": str(written.folder),
        "files": [str(path) for path in written.files],
        "findings": written.findings,
        "accepted": written.accepted,
        "held": written.held,
        "proven": written.proven,
    }


def _not_read(study: Path, why: str, tell: Tell) -> dict[str, Any]:
    """Said on stderr too, on one line."""
    print(not_read_line(tell, study.name or str(study), why), file=sys.stderr)
    return {"read": False, "why_not": why, "proven": False}


def _note_bug(error: Exception) -> Path:
    return _note(trace_of(error))


def _note_override(sentence: str, key: str) -> None:
    """Logged before anything is computed; the reason, which may name a patient, is not."""
    _note(f"The gate was overridden for series {pseudonym('series', key)}. {sentence}")


def _note(told: str) -> Path:
    path = private_file(subfolder("log") / "batch.log")
    with path.open("a", encoding="utf-8") as log:
        log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')}\n{told}\n")
    return path


def _say(study: Path, written: Written, tell: Tell) -> None:
    counts = (written.findings, written.accepted, written.held)
    for line in read_lines(tell, study.name, counts, written.sentences, written.folder):
        print(line)
