"""The commands: the window, and those without one. Each imports only what it needs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ai.errors import HilumError

COULD_NOT = 1
BAD_ARGUMENTS = 2


def run(arguments: Sequence[str] | None = None) -> int:
    """Carries out one command line; 0, 1 (could not, why on one line), 2 (bad arguments)."""
    os.umask(0o077)  # whatever is written is its user's alone
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = _COMMANDS.get(words[0]) if words else None
    try:
        return command(words[1:]) if command else _window(words)
    except HilumError as error:
        print(" ".join(part for part in (error.sentence, error.remedy) if part), file=sys.stderr)
        return COULD_NOT
    except BrokenPipeError:
        return COULD_NOT
    except KeyboardInterrupt:
        return 130


def _window(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="hilum",
        description="Read a chest CT with an assistant that proposes. Research use only.",
        epilog="Other commands: hilum batch, hilum inspect, hilum readings, hilum demo,"
        " hilum doctor, hilum deidentify, hilum models, hilum train, hilum evaluate;"
        " each has --help.",
    )
    parser.add_argument("study", nargs="?", type=Path, help="a folder or file to open")
    _add_choices(parser)
    parser.add_argument("--version", action="store_true", help="print the version")
    options = parser.parse_args(words)
    if options.version:
        from viewer import __version__

        print(f"Hilum {__version__}")
        return 0
    from viewer.app import show

    return show(options.study, mode=options.mode, language=options.language)


def _add_choices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mode",
        choices=("second", "concurrent"),
        default="",
        help="second: marks show after your own pass; concurrent: as they come;"
        " without it, as you left it, at first second",
    )
    parser.add_argument(
        "--language", choices=("en", "zh"), default="", help="else as you left it, or the system's"
    )


def _demo(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="hilum demo", description="The main job on the embedded demo study."
    )
    parser.add_argument("--headless", action="store_true", help="in batch, without a window")
    parser.add_argument("--size", choices=("full", "small"), default="full", help="of the demo")
    parser.add_argument(
        "--pair", action="store_true", help="in the window, with an earlier study of the patient"
    )
    _add_choices(parser)
    options = parser.parse_args(words)
    if options.headless and options.pair:
        parser.error("--pair opens the window; --headless has none")
    if options.headless:
        from viewer.commands.demo import read_demo

        return read_demo(options.size)
    from viewer.app import show

    return show(None, demo=True, pair=options.pair, mode=options.mode, language=options.language)


def _batch(words: Sequence[str]) -> int:
    from viewer.commands.batch import main

    return main(words)


def _inspect(words: Sequence[str]) -> int:
    from viewer.dicom.inspect import main

    return main(words)


def _readings(words: Sequence[str]) -> int:
    from viewer.reading.listing import main

    return main(words)


def _doctor(words: Sequence[str]) -> int:
    from viewer.commands.doctor import main

    return main(words)


def _deidentify(words: Sequence[str]) -> int:
    from viewer.commands.deidentify import main

    return main(words)


def _train(words: Sequence[str]) -> int:
    from viewer.commands.train import main

    return main(words)


def _models(words: Sequence[str]) -> int:
    from viewer.commands.models import main

    return main(words)


def _evaluate(words: Sequence[str]) -> int:
    from viewer.commands.evaluate import main

    return main(words)


_COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "batch": _batch,
    "deidentify": _deidentify,
    "demo": _demo,
    "doctor": _doctor,
    "evaluate": _evaluate,
    "inspect": _inspect,
    "models": _models,
    "readings": _readings,
    "train": _train,
}
