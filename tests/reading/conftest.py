"""Each test of the log has a data folder of its own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HILUM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
