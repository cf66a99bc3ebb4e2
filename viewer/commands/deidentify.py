"""`hilum deidentify`: a copy of a study without names, or what such a copy would change."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from viewer.cli import BAD_ARGUMENTS, COULD_NOT
from viewer.dicom.deidentify.copy import preview, write_copy
from viewer.dicom.deidentify.dataset import TagChange


def main(words: Sequence[str]) -> int:
    """The command: 0, 1 where a DICOM file was left out or nothing could be copied, 2."""
    parser = argparse.ArgumentParser(
        prog="hilum deidentify",
        description="Copy a study without names, dates and UIDs (DICOM PS3.15 Basic Profile)."
        " Pixels are not changed. Research use only.",
    )
    parser.add_argument("study", type=Path, metavar="STUDY", help="a folder, file or ZIP")
    parser.add_argument("--out", type=Path, metavar="DIR", help="a folder that is empty or new")
    parser.add_argument("--preview", action="store_true", help="write nothing; tell each change")
    parser.add_argument("--keep-dates", action="store_true", help="dates and times stay")
    options = parser.parse_args(words)
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)  # our sentences say what it would say
    if options.preview:
        for change in preview(options.study, keep_dates=options.keep_dates):
            print(_line(change))
        return 0
    if options.out is None:
        print("--out says where the copy goes; --preview needs none.", file=sys.stderr)
        return BAD_ARGUMENTS
    copied = write_copy(options.study, options.out, keep_dates=options.keep_dates)
    files = "1 file" if len(copied.files) == 1 else f"{len(copied.files)} files"
    print(f"{files} copied without names to {copied.folder}")
    for sentence in copied.sentences:
        print(sentence)
    for sentence in copied.left_out:
        print(sentence, file=sys.stderr)
    return COULD_NOT if copied.left_out else 0


def _line(change: TagChange) -> str:
    becomes = f": {change.becomes}" if change.becomes else ""
    code = f" ({change.code})" if change.code else ""
    return f"{change.tag} {change.name} {change.action}{becomes}{code}"
