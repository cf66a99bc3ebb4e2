"""The bench: `python packaging/bench/run.py [ROW...]` measures Hilum against peers and limits.

Each row runs in a process of its own. It prints figures as ratios taken in one run, the order of
the two sides swapped each time, and says on which machine and under which load. The last it prints
is one table of all figures, each with its limit and its verdict.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
ROWS = {
    "start": "bench_window",
    "picture": "bench_window",
    "series": "bench_series",
    "panes": "bench_panes",
    "cuts": "bench_cuts",
    "measuring": "bench_measuring",
    "editing": "bench_editing",
    "volume": "bench_volume",
    "ai": "bench_ai",
    "network": "bench_network",
    "gpu": "bench_gpu",
    "verdict": "bench_verdict",
    "modules": "bench_window",
    "memory": "bench_memory",
    "stalls": "bench_stalls",
    "inspect": "bench_inspect",
    "export": "bench_export",
}
"""Each row's name and the file with the function of that name."""
LONGEST_S = 1800


def main(words: Sequence[str]) -> int:
    """0 when every row could be measured, whatever its figures; 1 when one could not."""
    options = _parser().parse_args(words)
    sys.path[:0] = [str(CHECKOUT), str(HERE)]
    if options.inside:
        return _inside(options)
    import bench_measure
    import bench_table

    unknown = [name for name in options.rows if name not in ROWS]
    if unknown:
        print(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}", file=sys.stderr)
        return 2
    about = bench_measure.machine()
    print(f"{about['processor']}, {about['cores']} cores, {about['system']}, "
          f"Python {about['python']}; load {about['load']}", flush=True)  # fmt: skip
    taken, failed = [], []
    with tempfile.TemporaryDirectory(prefix="hilum-bench-") as made:
        work = Path(options.work or made)
        work.mkdir(parents=True, exist_ok=True)
        for name in options.rows or ROWS:
            try:
                taken += _measure(name, options, work, bench_measure.load())
            except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
                failed.append(name)
                print(f"{name:9s} could not be measured: {error}", flush=True)
    about["load_after"] = bench_measure.load()
    print(f"\n{bench_table.table(taken, failed)}")
    print(f"load at the end {about['load_after']}")
    if options.out:
        content = {"machine": about, "figures": taken, "failed": failed}
        options.out.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; all if none")
    parser.add_argument("--out", type=Path, help="write the figures here as JSON, too")
    parser.add_argument("--times", type=int, default=0, help="pairs a row; else its own number")
    parser.add_argument("--tiny", action="store_true", help="tiny inputs: only to see that it runs")
    parser.add_argument("--work", type=Path, help="keep the series that are written here")
    parser.add_argument("--inside", default="", help=argparse.SUPPRESS)
    return parser


def _measure(
    name: str, options: argparse.Namespace, work: Path, load: float | None
) -> list[dict[str, Any]]:
    """One row in its own process; its figures, printed as they come."""
    out = work / f"{name}.figures.json"
    command = [sys.executable, str(HERE / "run.py"), name, "--inside", name, "--out", str(out)]
    command += ["--work", str(work), "--times", str(options.times)]
    command += ["--tiny"] if options.tiny else []
    out.unlink(missing_ok=True)
    done = subprocess.run(
        command, stderr=subprocess.PIPE, text=True, timeout=LONGEST_S, check=False
    )
    if done.returncode != 0 or not out.exists():
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr else "it died")
    figures: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    out.unlink()
    return [{**figure, "load": load} for figure in figures]


def _inside(options: argparse.Namespace) -> int:
    """What the row's own process does."""
    from bench_scans import Setting

    row = getattr(importlib.import_module(ROWS[options.inside]), options.inside)
    figures = row(Setting(options.work, options.times, options.tiny))
    for figure in figures:
        print(figure.line(), flush=True)
    content = json.dumps([figure.as_json() for figure in figures])
    options.out.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
