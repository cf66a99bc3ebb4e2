"""uv is told of the same sources as pip, in its own words."""

from __future__ import annotations

from pathlib import Path

import pytest
import setup_index
from setup_index import Index, local_folders, read_pip_config, uv_environment, uv_words


def test_the_environment_goes_before_the_files_and_install_before_global() -> None:
    index = read_pip_config(
        [
            "global.index-url='https://mirror.example/simple'",
            "global.find-links='/global'",
            "install.find-links='/install'",
            ":env:.index-url='https://nearer.example/simple'",
            "global.extra-index-url='\\nfile:///a\\nfile:///b'",
        ]
    )
    assert index.index_url == "https://nearer.example/simple"
    assert index.find_links == ("/install",)
    assert index.extra_index_urls == ("file:///a", "file:///b")


def test_no_configuration_leaves_uv_to_its_own_default() -> None:
    assert read_pip_config(["", "a line that is no setting", "x=not quoted"]) == Index()
    assert uv_words(Index()) == []


def test_every_source_of_pip_reaches_uv() -> None:
    index = Index(
        index_url="https://mirror.example/simple",
        extra_index_urls=("file:///more",),
        find_links=("/wheels",),
        no_index=True,
        constraints=("/etc/constraints.txt",),
        trusted_hosts=("mirror.example",),
    )
    words = " ".join(uv_words(index))
    assert "--default-index https://mirror.example/simple" in words
    assert "--index file:///more" in words
    assert "--index-strategy unsafe-best-match" in words
    assert "--find-links /wheels" in words
    assert "--no-index" in words
    assert "--constraints /etc/constraints.txt" in words
    assert "--allow-insecure-host mirror.example" in words


def test_the_certificate_the_proxy_and_the_patience_reach_uv_unless_set_already() -> None:
    index = Index(certificate="/etc/own.pem", proxy="http://proxy.example:3128", timeout_s="180")
    env = uv_environment(index, {"HTTPS_PROXY": "http://set.example", "VIRTUAL_ENV": "/other"})
    assert env["SSL_CERT_FILE"] == "/etc/own.pem"
    assert env["HTTPS_PROXY"] == "http://set.example"
    assert env["UV_HTTP_TIMEOUT"] == "180"
    assert "VIRTUAL_ENV" not in env


def test_a_system_with_certificates_of_its_own_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    for known in (True, False):
        monkeypatch.setattr(setup_index, "system_certificates", lambda known=known: known)
        assert ("UV_SYSTEM_CERTS" in uv_environment(Index(), {})) is known


def test_only_folders_that_exist_are_looked_into_for_wheels(tmp_path: Path) -> None:
    links = (str(tmp_path), tmp_path.as_uri(), "https://elsewhere.example/wheels", "/not/there")
    assert local_folders(Index(find_links=links)) == [tmp_path, tmp_path]
