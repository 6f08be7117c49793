"""Three themes: dark, light, and one of high contrast; signs and words say all that colours say."""

from textual.theme import Theme

DARK, LIGHT, CONTRAST = "rune-dark", "rune-light", "rune-contrast"
NAMES = (DARK, LIGHT, CONTRAST)


def themes() -> tuple[Theme, ...]:
    """The themes, to be registered."""
    return (
        Theme(
            name=DARK,
            primary="#7fb4e0",
            secondary="#5f8fb8",
            accent="#e9b872",
            success="#7cc38f",
            warning="#e0b45c",
            error="#e68a84",
            foreground="#dde3ea",
            background="#12171d",
            surface="#171d25",
            panel="#1f2731",
            dark=True,
        ),
        Theme(
            name=LIGHT,
            primary="#1f5f94",
            secondary="#3c7fb1",
            accent="#8a5400",
            success="#1d6b34",
            warning="#7a5300",
            error="#a12622",
            foreground="#1b2229",
            background="#fbfbf8",
            surface="#f2f2ee",
            panel="#e6e7e3",
            dark=False,
        ),
        Theme(
            name=CONTRAST,
            primary="#ffff00",
            secondary="#00ffff",
            accent="#00ffff",
            success="#00ff00",
            warning="#ffff00",
            error="#ff8080",
            foreground="#ffffff",
            background="#000000",
            surface="#000000",
            panel="#262626",
            text_alpha=1.0,
            dark=True,
        ),
    )
