"""The window's end of the line to the process that renders."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ai.worker.messages import BlockRef
from viewer.volume.camera import VolumeCamera
from viewer.volume.client import VolumeClient, threads
from viewer.volume.messages import CPU, Drawn, Dropped, Look, Ready, Setup, ShowScan

OUT = BlockRef("hilum-1-1", (4,), "uint8")


def look(turn: int, *, moving: bool, preset: str = "bone") -> Look:
    return Look(turn, OUT, VolumeCamera(), 1, 1, 1.0, preset, moving)


def drawn(turn: int) -> Drawn:
    return Drawn(turn, 1, 1, full=False, draw_ms=1.0)


class Fake:
    """A process whose messages and death the test makes."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.killed = threading.Event()
        self.setups: list[Setup] = []

    def spawn(self, setup: Setup, on_message: Any, on_death: Any) -> Fake:
        self.setups.append(setup)
        self.say, self.die = on_message, on_death
        return self

    def send(self, message: Any) -> None:
        self.sent.append(message)

    def kill(self) -> None:
        self.killed.set()

    @property
    def turns(self) -> list[int]:
        return [one.turn for one in self.sent if isinstance(one, Look)]


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def heard() -> list[Any]:
    return []


@pytest.fixture
def client(fake: Fake, heard: list[Any]):
    made = VolumeClient(heard.append, lambda: heard.append("dead"), spawn=fake.spawn)
    made.start()
    yield made
    made.close()


def test_one_moving_picture_is_under_way_and_only_the_newest_waits(client, fake) -> None:
    for turn in (1, 2, 3, 4):
        client.look(look(turn, moving=True))
    assert fake.turns == [1]
    fake.say(drawn(1))
    assert fake.turns == [1, 4]
    fake.say(drawn(4))
    assert fake.turns == [1, 4]


def test_a_picture_by_another_preset_is_not_awaited_and_the_last_one_wins(client, fake) -> None:
    client.look(look(1, moving=True, preset="glass"))
    client.look(look(2, moving=True, preset="airways"))
    assert fake.turns == [1, 2]  # the process hears of it while it makes what the first one needs
    client.look(look(3, moving=True, preset="skin"))
    client.look(look(4, moving=False, preset="skin"))
    assert fake.turns == [1, 2]
    fake.say(Dropped(1))
    assert fake.turns == [1, 2, 4]


def test_a_full_picture_is_given_up_for_a_newer_one_at_once(client, fake, heard) -> None:
    client.look(look(1, moving=False))
    client.look(look(2, moving=True))
    assert fake.turns == [1, 2]  # the process hears of it while it draws
    client.look(look(3, moving=True))
    assert fake.turns == [1, 2]
    fake.say(Dropped(1))
    assert fake.turns == [1, 2]
    fake.say(drawn(2))
    assert fake.turns == [1, 2, 3]
    assert heard == [Dropped(1), drawn(2)]


def test_what_is_told_goes_out_at_once_and_in_order(client, fake) -> None:
    client.look(look(1, moving=True))
    client.tell(ShowScan(None))
    client.look(look(2, moving=True))
    assert fake.sent == [look(1, moving=True), ShowScan(None)]


def test_a_death_is_told_once_and_a_new_life_begins_with_nothing_under_way(
    client, fake, heard
) -> None:
    client.look(look(1, moving=True))
    client.look(look(2, moving=True))
    fake.die(-11)
    fake.die(-11)
    assert heard == ["dead"] and not client.running
    client.look(look(3, moving=True))  # to nobody
    client.start(software=True)
    assert client.running and [one.software for one in fake.setups] == [False, True]
    client.look(look(4, moving=True))
    assert fake.turns == [1, 4]


def test_the_last_words_of_an_old_process_are_not_heard(client, fake, heard) -> None:
    say = fake.say
    client.close()
    client.start()
    say(Ready("old", CPU, 1.0))
    assert heard == []
    fake.say(Ready("new", CPU, 1.0))
    assert heard == [Ready("new", CPU, 1.0)]


def test_closing_ends_the_process_and_is_no_death(client, fake, heard) -> None:
    client.close()
    assert fake.killed.is_set() and not client.running
    fake.die(-9)
    client.look(look(1, moving=True))
    assert heard == [] and fake.turns == []


@pytest.mark.parametrize("asks", [False, True], ids=["before it is ready", "at a picture"])
def test_a_process_that_hangs_in_its_driver_is_ended(fake, heard, asks: bool) -> None:
    client = VolumeClient(
        heard.append, lambda: heard.append("dead"), spawn=fake.spawn, longest_s=0.05
    )
    client.start()
    if asks:
        fake.say(Ready("card", CPU, 1.0))
        client.look(look(1, moving=False))
    assert fake.killed.wait(5)
    client.close()


def test_one_that_answers_is_left_alone_while_nothing_is_asked(fake, heard) -> None:
    client = VolumeClient(heard.append, heard.clear, spawn=fake.spawn, longest_s=0.05)
    client.start()
    fake.say(Ready("card", CPU, 1.0))
    client.look(look(1, moving=False))
    fake.say(drawn(1))
    assert not fake.killed.wait(0.2)
    client.close()


def test_one_core_stays_the_windows() -> None:
    import os

    assert 1 <= threads() <= max(1, (os.cpu_count() or 1) - 1)
