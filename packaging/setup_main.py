"""Set-up from first to last, then the main job: each step says what it does."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import setup_desktop
import setup_system
import setup_tests
import setup_torch
from setup_venv import (
    Installer,
    Place,
    Stamp,
    make_venv,
    read_stamp,
    stands,
    wanted_stamp,
    write_stamp,
)
from setup_words import Stop, say, why_it_failed

INTERRUPTED = 130


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="bootstrap.py",
        description="Set Hilum up in this checkout, then open it on its demo study.",
        epilog="`bootstrap.py test [PYTEST ARGUMENTS]` sets up and runs the whole suite instead.",
    )
    parser.add_argument(
        "--headless", action="store_true", help="no window: read the demo study in batch"
    )
    parser.add_argument(
        "--torch", choices=setup_torch.CHOICES, help="which torch to install (HILUM_TORCH)"
    )
    parser.add_argument("--set-up-only", action="store_true", help="set up and run nothing")
    own = list(words)
    rest: list[str] = []
    test = "test" in own
    if test:  # what follows the word is pytest's
        at = own.index("test")
        own, rest = own[:at], own[at + 1 :]
    chosen = parser.parse_args(own)
    chosen.test, chosen.pytest = test, rest
    if chosen.torch is None and os.environ.get("HILUM_TORCH") in setup_torch.CHOICES:
        chosen.torch = os.environ["HILUM_TORCH"]
    return chosen


def has_screen(env: Mapping[str, str] = os.environ, system: str = sys.platform) -> bool:
    """Whether a window can be shown: on Linux an X or Wayland display is named."""
    if not system.startswith("linux"):
        return True
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def must_choose_torch(have: str, asked: str | None) -> bool:
    """Whether another torch is asked for than the stamp tells of; unasked, none is looked for."""
    if asked == "cuda":
        return have == "none" or have.endswith("+cpu")
    return asked == "cpu" and have == "none"


def set_up(place: Place, *, extras: Sequence[str], torch: str | None) -> Stamp:
    """The stamp of a whole environment; when one stands already, nothing is done.

    Raises Stop with the sentence that says what went wrong.
    """
    have, want = read_stamp(place), wanted_stamp(place, extras)
    whole = stands(have, want) and place.python.exists() and place.hilum.exists()
    if whole and have is not None and not must_choose_torch(have.torch, torch):
        return have
    began = time.monotonic()
    before = have if stands(have, replace(want, extras=())) else None
    make_venv(place)
    installer = Installer(place)
    names = "[" + ",".join(want.extras) + "]" if want.extras else ""
    say("Installing what Hilum is made of (about 1.5 GB on disk) ...")
    installer.install(["--editable", f"{place.root}{names}"], what="installing the libraries")
    if before is not None and not must_choose_torch(before.torch, torch):
        chosen = before.torch
    else:
        chosen = setup_torch.give_torch(installer, torch)
        if chosen != "none":
            setup_torch.give_openvino(installer)
    extras_now = tuple(sorted({*want.extras, *(before.extras if before else ())}))
    not_had = before.libraries_not_had if before else ()
    done = replace(want, extras=extras_now, torch=chosen, libraries_not_had=not_had)
    write_stamp(place, done)
    say(f"Set up in {time.monotonic() - began:.0f} s.")
    return done


def provide_libraries(place: Place, stamp: Stamp, *, window: bool) -> Stamp:
    """Sees to the system's libraries; says what stays missing. Raises Stop if the window needs it.

    What could not be had is remembered, so that the next start asks the network for nothing.
    """
    wanted = dict(setup_system.LIBRARIES)
    if window or setup_system.can_install():
        wanted.update(setup_system.SCREEN_LIBRARIES)
    lacking = setup_system.missing(wanted)
    known = set(lacking) <= set(stamp.libraries_not_had)
    sentence = setup_system.named(lacking)
    if lacking and not known:
        sentence = setup_system.provide(lacking, log=place.log)
        # a library just installed is known to the loader of a new process, and to ours as well
        lacking = setup_system.missing(wanted)
    if set(lacking) != set(stamp.libraries_not_had):
        stamp = replace(stamp, libraries_not_had=tuple(lacking))
        write_stamp(place, stamp)
    if lacking and window:
        raise Stop(sentence)
    if lacking:
        say(sentence)
    return stamp


def start(place: Place, *, headless: bool) -> int:
    """Runs the main job in place of this process; its exit code is ours."""
    words = [str(place.hilum), "demo", *(["--headless"] if headless else [])]
    say("Reading the demo study without a window ..." if headless else "Opening Hilum ...")
    if os.name == "posix":
        os.execv(words[0], words)
    return subprocess.call(words)


def main(words: Sequence[str]) -> int:
    asked = arguments(words)
    place = Place(Path(__file__).resolve().parents[1])
    headless = asked.headless or not has_screen()
    try:
        extras = ["test"] if asked.test else []
        stamp = set_up(place, extras=extras, torch=asked.torch)
        window = not (headless or asked.test or asked.set_up_only)
        provide_libraries(place, stamp, window=window)
        if asked.test:
            return setup_tests.run_all(place, asked.pytest)
        if has_screen() and sys.platform.startswith("linux"):
            icon = place.root / "resources" / "icons" / "hilum.svg"
            if entry := setup_desktop.write_launcher(place.hilum, icon):
                say(f"Launcher entry: {entry}")
        if asked.set_up_only:
            say(f"Ready: {place.hilum}")
            return 0
        return start(place, headless=headless)
    except Stop as stop:
        print(stop.sentence, file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        print(why_it_failed("setting up", str(error)), file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from here.", file=sys.stderr, flush=True)
        return INTERRUPTED
