"""What stands where the 3-D picture is not, or not yet: one sentence, and "Show 3-D" to try."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from viewer.language.spoken import say
from viewer.panels.empty import EmptyState

NOTHING: Final = "nothing"
TRYING: Final = "trying"
ASKING: Final = "asking"
MAKING: Final = "making"
SHOWN: Final = "shown"
ENDED: Final = "ended"
"""No scan; the driver is tried; "Show 3-D" is offered; the first picture is made; there it is; it
came to an end, and why is said."""


class VolumeCover(EmptyState):
    """The words of each state without a picture."""

    def __init__(self, show: Callable[[], object]) -> None:
        """show: what the button does."""
        super().__init__("3d")
        self._show = show

    def tell(self, state: str, sentence: str = "", remedy: str = "") -> None:
        """sentence, remedy: why it ended; without them, that the process died."""
        button = self.tr("Show 3-D")
        if state == ASKING:
            head = self.tr("No graphics card was found")
            text = self.tr("The picture is coarse while it turns and sharp at rest.")
            self.say("3d", head, text, button=button, does=self._show)
        elif state == ENDED:
            head = say(sentence) or self.tr("The 3-D process ended. Your reading is safe.")
            self.say("warn", head, say(remedy), button=button, does=self._show)
        elif state in (TRYING, MAKING):
            self.say("waits", self.tr("The 3-D picture is being made"), "")
        else:
            self.say("3d", self.tr("No scan is open"), "")
