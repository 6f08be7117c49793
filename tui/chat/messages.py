"""What the parts of the chat tell one another: one message class for each event."""

from __future__ import annotations

from textual.message import Message


class ProtocolLoaded(Message):
    """The shapes of requests and reports are loaded, so that work can begin."""


class Reported(Message):
    """The process beside the screen has reported; posted from the thread that listens to it."""


class Typed(Message):
    """The text of the prompt has changed."""


class KeyPressed(Message):
    """A key of a text area that has an action was pressed."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action


class Submitted(Message):
    """A text was typed and sent."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class FormulaSubmitted(Message):
    """The formula of the tab Logic is to be run as it stands."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class ImagesWanted(Message):
    """The ids of images that begin so are wanted as suggestions."""

    def __init__(self, beginning: str) -> None:
        super().__init__()
        self.beginning = beginning


class ImageChosen(Message):
    """An image of the ranking is under the cursor."""

    def __init__(self, image_id: str) -> None:
        super().__init__()
        self.image_id = image_id


class Printed(Message):
    """Something in this process printed a line that must not reach the screen as it is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
