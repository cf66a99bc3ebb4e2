"""Batch in this process, on the small phantom, in a home of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ai.scan.volume import Volume
from tests.flows.phantom import Study, small_study
from viewer.cli import run


@dataclass(frozen=True)
class Ran:
    """One command line carried out: exit code, what it printed."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> list[dict[str, Any]]:
        return json.loads(self.out)

    @property
    def folder(self) -> Path:
        return Path(self.told[0]["folder"])

    @property
    def findings(self) -> list[dict[str, Any]]:
        return json.loads((self.folder / "findings.json").read_text("utf-8"))["findings"]


@pytest.fixture(scope="session")
def phantom() -> Study:
    return small_study()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of this module's own, which is HILUM_HOME's parent too."""
    place = tmp_path_factory.mktemp("batch")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_HOME", str(place / "home"))
        yield place


@pytest.fixture(scope="module", autouse=True)
def recipes() -> Iterator[None]:
    """The real recipes, each run once for one scan: these tests are about what is made of them."""
    import ai.lungs.segment
    import ai.nodules.detect

    known: dict[tuple[str, bytes], Any] = {}

    def once(recipe: Callable[..., Any]) -> Callable[..., Any]:
        def do(volume: Volume, *more: Any, **named: Any) -> Any:
            key = recipe.__name__, sha256(volume.hu.tobytes()).digest()
            if key not in known:
                known[key] = recipe(volume, *more, **named)
            return known[key]

        return do

    with pytest.MonkeyPatch.context() as patch:
        for room in (ai.lungs.segment, ai.nodules.detect):
            name = "segment_lungs" if room is ai.lungs.segment else "find_nodules"
            patch.setattr(room, name, once(getattr(room, name)))
        yield


@pytest.fixture(scope="module")
def batch(folder: Path) -> Callable[..., Ran]:
    """hilum batch WORDS..., into a fresh folder unless --out is among the words."""
    count = 0

    def do(*words: object) -> Ran:
        nonlocal count
        count += 1
        line = ["batch", *map(str, words)]
        if "--out" not in line:
            line += ["--out", str(folder / f"out-{count}")]
        with pytest.MonkeyPatch.context() as patch:
            out, err = _Sink(), _Sink()
            patch.setattr("sys.stdout", out)
            patch.setattr("sys.stderr", err)
            try:
                code = run(line)
            except SystemExit as stop:
                code = int(stop.code or 0)
        return Ran(code, out.text, err.text)

    return do


class _Sink:
    """Takes what is printed; capsys lives for one test only."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None: ...
