"""Missing libraries are named exactly, and brought where that is ours to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import setup_desktop
import setup_main
import setup_system
from setup_system import LIBRARIES, SCREEN_LIBRARIES, missing, named, provide
from setup_venv import Place, Stamp, read_stamp
from setup_words import Stop

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="libraries of Linux")


@linux
def test_a_library_no_system_has_is_found_missing_and_the_c_library_is_not() -> None:
    lacking = missing({"libc.so.6": "libc6", "libnowhere-hilum.so.9": "libnowhere9"})
    assert lacking == {"libnowhere-hilum.so.9": "libnowhere9"}


@linux
def test_only_what_is_missing_is_named_with_library_and_package() -> None:
    lacking = missing(SCREEN_LIBRARIES, there=lambda name: "cursor" not in name)
    sentence = named(lacking)
    assert "libxcb-cursor.so.0 (libxcb-cursor0)" in sentence
    assert sentence.endswith("--no-install-recommends libxcb-cursor0 libxcursor1`")
    assert "icccm" not in sentence


def test_nothing_missing_is_nothing_to_say() -> None:
    assert named({}) == ""
    assert provide({}) == ""


def test_other_systems_are_not_asked_for_debian_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_system.sys, "platform", "darwin")
    assert missing(LIBRARIES, there=lambda _: False) == {}


def test_without_the_right_to_install_the_missing_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(setup_system, "can_install", lambda: False)
    monkeypatch.setattr(setup_system, "run", lambda *_, **__: pytest.fail("ran a command"))
    assert "libgl1" in provide({"libGL.so.1": "libgl1"})


def test_old_package_lists_are_renewed_and_the_install_tried_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[str] = []

    def run(command: list[str], **_: object) -> tuple[int, str]:
        ran.append("update" if "update" in command else "install")
        return (0, "") if "update" in ran else (100, "Unable to locate package libgl1")

    monkeypatch.setattr(setup_system, "run", run)
    assert setup_system.install_packages(["libgl1"]) == ""
    assert ran == ["install", "update", "install"]


def test_a_failed_install_says_why_and_still_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(setup_system, "can_install", lambda: True)
    output = "E: Failed to fetch something: Temporary failure resolving"
    monkeypatch.setattr(setup_system, "run", lambda *_, **__: (100, output))
    sentence = provide({"libGL.so.1": "libgl1"})
    assert sentence.startswith("The network did not answer") and "libGL.so.1" in sentence


@pytest.fixture
def whole(tmp_path: Path) -> tuple[Place, Stamp]:
    place = Place(tmp_path)
    place.venv.mkdir()
    return place, Stamp(recipe="a", python="3.11", root=str(tmp_path))


@linux
def test_a_window_is_not_started_without_its_libraries(
    whole: tuple[Place, Stamp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_system, "can_install", lambda: False)
    monkeypatch.setattr(setup_system, "missing", lambda _: {"libxcb-cursor.so.0": "libxcb-cursor0"})
    with pytest.raises(Stop) as stop:
        setup_main.provide_libraries(*whole, window=True)
    assert "libxcb-cursor.so.0" in stop.value.sentence


@linux
def test_what_could_not_be_had_is_not_asked_of_the_network_again(
    whole: tuple[Place, Stamp], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(setup_system, "missing", lambda _: {"libGL.so.1": "libgl1"})
    monkeypatch.setattr(setup_system, "provide", lambda *_, **__: asked.append(1) or "Missing: it")
    place, stamp = whole
    stamp = setup_main.provide_libraries(place, stamp, window=False)
    assert read_stamp(place) == stamp and stamp.libraries_not_had == ("libGL.so.1",)
    setup_main.provide_libraries(place, stamp, window=False)
    assert len(asked) == 1


def test_the_launcher_is_written_once_with_the_icon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    icon = tmp_path / "hilum.svg"
    icon.write_text("<svg/>")
    entry = setup_desktop.write_launcher(tmp_path / "a folder" / "hilum", icon)
    assert entry is not None
    lines = entry.read_text().splitlines()
    assert f'Exec="{tmp_path}/a folder/hilum" %F' in lines
    assert f"Icon={icon}" in lines
    assert (tmp_path / "share/icons/hicolor/scalable/apps/hilum.svg").exists()
    assert setup_desktop.write_launcher(tmp_path / "a folder" / "hilum", icon) is None


def test_a_path_with_signs_of_its_own_is_quoted_for_the_launcher() -> None:
    assert setup_desktop.quoted(Path("/a $b/100%/hilum")) == '"/a \\\\$b/100%%/hilum"'


def test_a_home_that_cannot_be_written_costs_no_more_than_the_launcher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "share"
    in_the_way.write_text("a file where a folder should be")
    monkeypatch.setenv("XDG_DATA_HOME", str(in_the_way))
    assert setup_desktop.write_launcher(tmp_path / "hilum", tmp_path / "none.svg") is None
