"""Reading the tokens of the style sheet and measuring contrast (WCAG 2.2)."""

import re
from pathlib import Path

import madang.ui

SHEET = Path(madang.ui.__file__).parent / "static" / "ui" / "madang.css"
_TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6}|\.\d+)\s*;")


def tokens(scheme: str) -> dict[str, str]:
    """Return the tokens of the light scheme, of the device's dark one ("dark") or of the chosen one ("chosen")."""
    css = SHEET.read_text()
    light, dark = css.index(":root {"), css.index(":root:not(.scheme-light) {")
    chosen = css.index(":root.scheme-dark {")
    start = {"light": light, "dark": dark, "chosen": chosen}[scheme]
    found = dict(_TOKEN.findall(css[start : css.index("}", start)]))
    return found if scheme == "light" else tokens("light") | found


def declared(scheme: str) -> dict[str, str]:
    """Return only what one block declares."""
    css = SHEET.read_text()
    start = css.index({"dark": ":root:not(.scheme-light) {", "chosen": ":root.scheme-dark {"}[scheme])
    return dict(_TOKEN.findall(css[start : css.index("}", start)]))


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def blended(front: str, back: str, opacity: float) -> str:
    """Return what a colour looks like over another at an opacity."""
    pairs = ((int(front[place : place + 2], 16), int(back[place : place + 2], 16)) for place in (1, 3, 5))
    return "#" + "".join(f"{round(over * opacity + under * (1 - opacity)):02x}" for over, under in pairs)
