"""The right torch: the smallest that works, and never several GB unasked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import setup_torch
from setup_torch import choose, is_large, is_tested, names_in_report, wheel_here

ROOT = Path(__file__).resolve().parents[2]
LINUX = "x86_64"


@pytest.mark.parametrize("name", ["nvidia-cudnn-cu13", "nvidia_nccl_cu13", "cuda-any", "Triton"])
def test_a_gpus_toolkit_makes_a_resolution_large(name: str) -> None:
    assert is_large(["torch", "sympy", name])


def test_torch_and_its_own_needs_are_not_large() -> None:
    assert not is_large(["torch", "filelock", "networkx", "typing_extensions"])


def test_the_report_of_a_dry_run_gives_the_names_even_with_a_warning_after_it() -> None:
    rows = [{"metadata": {"name": "torch"}}, {"metadata": {"name": "nvidia-nccl-cu13"}}]
    text = "a notice\n" + json.dumps({"version": "1", "install": rows}) + "\nWARNING: old pip"
    assert names_in_report(text) == ["torch", "nvidia-nccl-cu13"]


@pytest.mark.parametrize("text", ["", "ERROR: no network", "{", '{"install": 3}', '{"a": 1}'])
def test_what_is_no_report_gives_no_names(text: str) -> None:
    assert names_in_report(text) == []


def folder_with(folder: Path, *wheels: str) -> Path:
    for wheel in wheels:
        (folder / wheel).touch()
    return folder


def test_a_local_wheel_is_named_to_the_last_letter(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl")
    assert wheel_here([folder], python=(3, 11), machine=LINUX) == "torch==2.13.0+cpu"


def test_the_cpu_build_goes_before_the_plain_one(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path,
        "torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl",
        "torch-2.13.0%2Bcpu-cp311-cp311-manylinux_2_28_x86_64.whl",
    )
    assert wheel_here([folder], python=(3, 11), machine=LINUX) == "torch==2.13.0+cpu"


@pytest.mark.parametrize(
    "wheel",
    [
        "torch-2.13.0+cpu-cp312-cp312-manylinux_2_28_x86_64.whl",
        "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_aarch64.whl",
        "torch-2.14.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl",
        "torch-2.13.01-cp311-cp311-manylinux_2_28_x86_64.whl",
        "torchvision-0.29.0-cp311-cp311-manylinux_2_28_x86_64.whl",
    ],
)
def test_a_wheel_for_another_machine_or_release_is_passed_by(tmp_path: Path, wheel: str) -> None:
    assert wheel_here([folder_with(tmp_path, wheel)], python=(3, 11), machine=LINUX) is None


def test_the_first_way_that_brings_a_torch_wins_and_the_rest_are_not_tried() -> None:
    tried: list[str] = []

    def way(name: str, version: str) -> tuple[str, object]:
        def attempt() -> str:
            tried.append(name)
            return version

        return name, attempt

    ways = [way("here", ""), way("wheel", "2.13.0+cpu"), way("index", "2.13.0")]
    assert choose(None, ways) == ("wheel", "2.13.0+cpu")
    assert tried == ["here", "wheel"]


def test_when_no_way_works_there_is_none() -> None:
    assert choose("cpu", [("here", lambda: ""), ("index", lambda: "")]) == ("none", "")


def test_when_none_is_asked_for_nothing_is_tried() -> None:
    assert choose("none", [("here", lambda: pytest.fail("tried"))]) == ("none", "")


class NoNetwork:
    """An installer on a machine that reaches nothing, with a place of its own."""

    def __init__(self, place: object, index: object) -> None:
        self.place = place
        self.index = index
        self.words: list[tuple[str, ...]] = []

    def has_uv(self) -> bool:
        return True

    def by_uv(self, packages: list[str], *more: str) -> tuple[int, str]:
        self.words.append((*packages, *more))
        return 1, "dns error"

    def by_pip(self, packages: list[str]) -> tuple[int, str]:
        self.words.append(tuple(packages))
        return 1, "dns error"


@pytest.fixture
def installer(tmp_path: Path) -> NoNetwork:
    from setup_index import Index
    from setup_venv import Place

    place = Place(tmp_path)
    place.venv.mkdir()
    return NoNetwork(place, Index())


def test_without_any_torch_set_up_goes_on_and_says_so(
    installer: NoNetwork, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup_torch, "run", lambda *_, **__: (1, "dns error"))
    assert setup_torch.give_torch(installer, None) == "none"
    assert setup_torch.WITHOUT in capsys.readouterr().out
    assert not installer.place.torch_constraint.exists()
    assert installer.words == [("torch==2.13.0", "--torch-backend=cpu")]


def test_the_large_build_is_not_taken_unasked(
    installer: NoNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"metadata": {"name": name}} for name in ("torch", "triton")]
    report = json.dumps({"install": rows})

    def run(command: list[object], **_: object) -> tuple[int, str]:
        return (0, report) if "--dry-run" in command else (1, "")

    monkeypatch.setattr(setup_torch, "run", run)
    setup_torch.give_torch(installer, None)
    assert ("torch==2.13.0",) not in installer.words
    setup_torch.give_torch(installer, "cuda")
    assert ("torch==2.13.0",) in installer.words


def test_a_tested_torch_that_imports_is_kept_and_pinned(
    installer: NoNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_torch, "run", lambda *_, **__: (0, "2.13.0+cpu\n"))
    assert setup_torch.give_torch(installer, "cpu") == "2.13.0+cpu"
    assert installer.words == []
    assert installer.place.torch_constraint.read_text() == "torch==2.13.0+cpu\n"


def test_without_openvino_set_up_goes_on_and_says_so(
    installer: NoNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not setup_torch.give_openvino(installer)
    assert "networks answer by torch" in capsys.readouterr().out
    assert installer.words == [(setup_torch.FASTER,), (setup_torch.FASTER,)]


def test_the_openvino_asked_for_is_the_one_pyproject_allows() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'openvino = ["{setup_torch.FASTER}"]' in text


def test_the_pinned_torch_is_the_one_pyproject_allows() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    allowed = re.search(r"torch>=(\d+\.\d+),<(\d+\.\d+)", text)
    assert allowed is not None
    assert is_tested(setup_torch.PINNED)
    assert is_tested(f"{allowed[1]}.1+cpu") and not is_tested(f"{allowed[2]}.0")


def test_no_host_is_named_in_what_sets_hilum_up() -> None:
    files = [*(ROOT / "packaging").glob("*.py"), ROOT / ".ci" / "run", ROOT / "constraints.txt"]
    for file in files:
        assert not re.search(r"https?://\w|pypi|pytorch\.org", file.read_text(encoding="utf-8")), (
            file.name
        )
