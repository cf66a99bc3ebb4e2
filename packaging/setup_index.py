"""Where packages come from on this machine: what pip is told, put into uv's words."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname


@dataclass(frozen=True)
class Index:
    """pip's sources as configured: empty means pip's own default."""

    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    constraints: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    certificate: str = ""
    proxy: str = ""
    timeout_s: str = ""


def read_pip_config(lines: Iterable[str]) -> Index:
    """The sources from what `pip config list` prints, environment over files as pip has it."""
    chosen: dict[str, str] = {}
    from_environment: dict[str, str] = {}
    for line in lines:
        key, equals, quoted = line.strip().partition("=")
        if not equals:
            continue
        section, _, name = key.rpartition(".")
        try:
            value = str(ast.literal_eval(quoted))
        except (ValueError, SyntaxError):
            continue
        if section == ":env:":
            from_environment[name] = value
        elif section in ("install", "global") and (section == "install" or name not in chosen):
            chosen[name] = value
    chosen.update(from_environment)
    return Index(
        index_url=chosen.get("index-url", "").strip(),
        extra_index_urls=tuple(chosen.get("extra-index-url", "").split()),
        find_links=tuple(chosen.get("find-links", "").split()),
        no_index=chosen.get("no-index", "").lower() in ("1", "true", "yes", "on"),
        constraints=tuple(chosen.get("constraint", "").split()),
        trusted_hosts=tuple(chosen.get("trusted-host", "").split()),
        certificate=chosen.get("cert", ""),
        proxy=chosen.get("proxy", ""),
        timeout_s=chosen.get("timeout", chosen.get("default-timeout", "")),
    )


def ask_pip(python: Path) -> Index:
    """The sources pip is configured for in this environment; pip's default when it cannot say."""
    answer = subprocess.run(
        [str(python), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    return read_pip_config(answer.stdout.splitlines())


def uv_words(index: Index) -> list[str]:
    """The same sources as options of `uv pip install`."""
    words: list[str] = []
    if index.index_url:
        words += ["--default-index", index.index_url]
    for url in index.extra_index_urls:
        words += ["--index", url]
    if index.extra_index_urls:
        # pip looks at all indexes and takes the best; uv alone would stop at the first that answers
        words += ["--index-strategy", "unsafe-best-match"]
    for place in index.find_links:
        words += ["--find-links", place]
    if index.no_index:
        words += ["--no-index"]
    for file in index.constraints:
        words += ["--constraints", file]
    for host in index.trusted_hosts:
        words += ["--allow-insecure-host", host]
    return words


def uv_environment(index: Index, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for uv: certificate, proxy and patience as pip has them."""
    env = dict(os.environ if base is None else base)
    env.pop("VIRTUAL_ENV", None)
    if index.certificate:
        env.setdefault("SSL_CERT_FILE", index.certificate)
    if system_certificates():
        # a hospital's own authority is known to the system, not to the list uv carries inside
        env.setdefault("UV_SYSTEM_CERTS", "true")
    if index.proxy:
        env.setdefault("HTTPS_PROXY", index.proxy)
        env.setdefault("HTTP_PROXY", index.proxy)
    if index.timeout_s.isdigit():
        env.setdefault("UV_HTTP_TIMEOUT", index.timeout_s)
    return env


def system_certificates() -> bool:
    """Whether this system keeps certificates of its own; a bare container has none."""
    known = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
    return not sys.platform.startswith("linux") or any(Path(file).exists() for file in known)


def local_folders(index: Index) -> list[Path]:
    """Those of the find-links that are folders of this machine."""
    places = [
        Path(url2pathname(urlparse(place).path)) if place.startswith("file:") else Path(place)
        for place in index.find_links
        if place.startswith("file:") or "://" not in place
    ]
    return [place for place in places if place.is_dir()]
