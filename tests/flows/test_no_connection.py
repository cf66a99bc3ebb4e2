"""Hilum connects to nothing: it runs without any network, and never asks for a socket to one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.kill import begin_reading, quick_study
from tests.flows.scripted import ENDS, KEPT

ROOT = Path(__file__).resolve().parents[2]
INET = re.compile(r"\b(?:socket|connect|bind)\([^)]*\bAF_(?:INET6?|PACKET|NETLINK)\b")
WAIT_S = 150


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return quick_study(tmp_path_factory.mktemp("quick") / "study")


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """As on a reader's desk: nothing says that this is a test, or asks anyone to be quiet."""
    monkeypatch.setenv("HILUM_HOME", str(tmp_path / "home"))
    silent = ("CI", "PYTEST_CURRENT_TEST", "ORT_DISABLE_TELEMETRY", "DO_NOT_TRACK")
    return {name: value for name, value in os.environ.items() if name not in silent}


def start(study, environment, *, by=(), seconds=WAIT_S):
    command = [*by, sys.executable, "-m", "tests.flows.scripted", str(study), "3", str(seconds)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)


def allowed(*command):
    return shutil.which(command[0]) and subprocess.run(command, capture_output=True).returncode == 0


def no_network():
    way = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    if not allowed(*way, "true"):
        pytest.skip("a network of one's own, without any link, is not permitted here")
    return way


def test_a_whole_reading_needs_no_network(study, environment):
    """Opened, segmented, searched, judged, by all processes, where there is no network at all."""
    with start(study, environment, by=no_network()) as window:
        steps = 0
        for line in window.stdout:
            steps += line.startswith(KEPT)
            if steps == 6:
                break
        window.kill()
    assert steps == 6


def test_no_process_asks_for_a_socket_to_a_network(study, environment, tmp_path):
    trace = tmp_path / "calls"
    strace = ["strace", "-f", "-qq", "-e", "trace=socket,socketpair,connect,bind", "-o", str(trace)]
    if not allowed(*strace, "true"):
        pytest.skip("calls cannot be traced here")
    begin_reading(study)
    with start(study, environment, by=strace, seconds=8) as window:
        said = window.stdout.read().splitlines()
    assert said[-1] == ENDS and sum(line.startswith(KEPT) for line in said) > 5
    calls = trace.read_text("utf-8", "replace")
    assert "AF_UNIX" in calls, "the lines to the children were seen"
    assert INET.findall(calls) == []


def test_no_process_holds_a_socket_to_a_network(study, environment):
    if not Path("/proc/net/tcp").exists():
        pytest.skip("no /proc here")
    begin_reading(study)
    with start(study, environment) as window:
        for steps, _ in enumerate(line for line in window.stdout if line.startswith(KEPT)):
            if steps == 5:
                break
        processes = [window.pid, *descendants(window.pid)]
        found = {pid: inet_sockets(pid) for pid in processes}
        window.kill()
    assert len(processes) >= 3, "the window and its children"
    assert {pid: sockets for pid, sockets in found.items() if sockets} == {}


def test_a_socket_to_a_network_would_be_seen():
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as open_one:
        open_one.bind(("127.0.0.1", 0))
        open_one.listen()
        assert inet_sockets(os.getpid())
    call = "socket(AF_INET6, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 9\nsocket(AF_UNIX, 1, 0) = 3"
    assert len(INET.findall(call)) == 1


def descendants(pid):
    """Processes that it started, and theirs."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "stat").read_text()
        except OSError:
            continue
        parents[int(folder.name)] = int(text.rsplit(")", 1)[1].split()[1])
    found, fresh = [], [pid]
    while fresh:
        fresh = [child for child, parent in parents.items() if parent in fresh]
        found += fresh
    return found


def inet_sockets(pid):
    """Inodes of the sockets to a network that a process holds."""
    listed = set()
    for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        path = Path(f"/proc/{pid}/net/{table}")
        if path.exists():
            listed |= {line.split()[9] for line in path.read_text().splitlines()[1:]}
    held = set()
    for handle in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            target = str(handle.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            held.add(target[8:-1])
    return sorted(listed & held)
