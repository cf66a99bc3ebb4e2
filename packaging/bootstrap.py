"""Sets Hilum up in this checkout, then runs it: `python3 packaging/bootstrap.py [--headless]`.

`python3 packaging/bootstrap.py test` sets up what the tests need and runs them all.
Standard library only. This file alone keeps to words that Python 3.6 can read, so that an old
Python gets a sentence instead of a syntax error; the rest lies beside it in setup_*.py.
"""

import shutil
import sys

OLDEST = (3, 11)
NEWEST = (3, 14)


def fitting_python(which=None):  # type: ignore[no-untyped-def]
    """The name of a Python on the PATH that Hilum runs on, the newest tested first, or None."""
    which = which or getattr(shutil, "which", lambda name: None)
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = "python3.{}".format(minor)  # noqa: UP032
        if which(name):
            return name
    return None


def unfit(version, other=None):  # type: ignore[no-untyped-def]
    """One sentence when Hilum cannot run on this version of Python, else None."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    sentence = "Hilum needs Python {}.{} to {}.{} and this is {}.{}".format(  # noqa: UP032
        OLDEST[0], OLDEST[1], NEWEST[0], NEWEST[1], version[0], version[1]
    )
    if other:
        return sentence + ": run `{} packaging/bootstrap.py` instead.".format(other)  # noqa: UP032
    return sentence + ": install a newer one and run this again with it."


if __name__ == "__main__":
    problem = unfit(sys.version_info, fitting_python())
    if problem:
        sys.exit(problem)
    import setup_main

    sys.exit(setup_main.main(sys.argv[1:]))
