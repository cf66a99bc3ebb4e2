"""Which of the system's libraries and tools are missing, by name, and how they come."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from setup_words import run, say, why_it_failed

# Library as the loader knows it -> Debian package. Found by adding packages to an empty system
# until everything ran: Qt links GL and EGL even when it draws without a screen.
LIBRARIES: Mapping[str, str] = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
}
# What a window on X needs beyond that. With fewer, Qt aborts and names only the cursor library.
SCREEN_LIBRARIES: Mapping[str, str] = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libXcursor.so.1": "libxcursor1",
}
# Command -> Debian package, for the tests only.
TEST_TOOLS: Mapping[str, str] = {
    "Xvfb": "xvfb",
    "xauth": "xauth",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "dciodvfy": "dicom3tools",
}


def loads(library: str) -> bool:
    """Whether the system's loader finds this library with all it needs itself."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing(
    libraries: Mapping[str, str], *, there: Callable[[str], bool] = loads
) -> dict[str, str]:
    """Those of the libraries that are not there, with their packages. Empty off Linux."""
    if not sys.platform.startswith("linux"):
        return {}
    return {name: package for name, package in libraries.items() if not there(name)}


def missing_tools(tools: Mapping[str, str] = TEST_TOOLS) -> dict[str, str]:
    """Those commands that are not on the PATH, with their packages."""
    return missing(tools, there=lambda name: shutil.which(name) is not None)


def named(lacking: Mapping[str, str]) -> str:
    """The missing ones in one sentence, with the command that brings them."""
    if not lacking:
        return ""
    names = ", ".join(f"{name} ({package})" for name, package in lacking.items())
    packages = " ".join(dict.fromkeys(lacking.values()))
    return (
        f"Missing on this system, with the Debian package in brackets: {names}. On Debian and"
        f" Ubuntu: `sudo apt-get install --no-install-recommends {packages}`"
    )


def can_install() -> bool:
    """Whether this is Debian or one of its children, and we are root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    return shutil.which("apt-get") is not None and Path("/etc/debian_version").exists()


def install_packages(packages: Iterable[str], *, log: Path | None = None) -> str:
    """Installs Debian packages as root. Empty when that worked, else why not in a sentence."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # another apt may be at work on a machine that has just come up
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=180"]
    wanted = [*apt, "install", "--no-install-recommends", *dict.fromkeys(packages)]
    code, output = run(wanted, log=log, env=env)
    if code != 0:  # package lists are often absent or old in a container
        run([*apt, "update"], log=log, env=env)
        code, output = run(wanted, log=log, env=env)
    return "" if code == 0 else why_it_failed("installing system packages", output)


def provide(lacking: Mapping[str, str], *, log: Path | None = None) -> str:
    """Installs what is missing where we may. Empty when it is all there now, else the sentence."""
    if not lacking:
        return ""
    if not can_install():
        return named(lacking)
    say(f"Installing system packages: {' '.join(dict.fromkeys(lacking.values()))} ...")
    problem = install_packages(lacking.values(), log=log)
    return f"{problem} {named(lacking)}" if problem else ""
