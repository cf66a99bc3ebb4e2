"""Entry of `hilum` and `python -m viewer`; imports nothing up here, for children read it too."""


def main() -> int:
    """Runs the command line; the exit code."""
    from multiprocessing import freeze_support

    freeze_support()
    from viewer.cli import run

    return run()


if __name__ == "__main__":
    import sys

    sys.exit(main())
