"""Drawing on SVG: escaped elements, round scales and a guess of how wide a text is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

# Smaller differences than this are not drawn.
_TINY = 1e-9
_ANGLES = {2: 45, 3: -45, 4: 90, 5: 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The sheet that a chart is drawn on: 640 units where there is room, 320 with larger letters on a phone.

    Attributes
    ----------
    width : int
        Units; one is a pixel at the size it is meant for.
    language : str
        Language of the numbers.
    key : str
        Begins the ids of this drawing's patterns.
    """

    width: int
    language: str
    key: str

    @property
    def narrow(self) -> bool:
        """Whether this is the sheet for phones."""
        return self.width < 500

    @property
    def text(self) -> float:
        """Size of letters; the style sheet says the same."""
        return 15.0 if self.narrow else 13.0

    @property
    def tick(self) -> float:
        """Size of the letters on a scale."""
        return 13.5 if self.narrow else 12.0

    @property
    def line(self) -> float:
        """Distance between two lines of text."""
        return 19.0 if self.narrow else 17.0


@dataclass(slots=True)
class Canvas:
    """Elements drawn so far."""

    parts: list[str] = field(default_factory=list)

    def add(self, name: str, text: object = None, **attributes: object) -> None:
        """Draw one element; `class_` stands for class, underscores for hyphens, None is left out."""
        written = "".join(
            f' {key.rstrip("_").replace("_", "-")}="{_written(value)}"'
            for key, value in attributes.items()
            if value is not None and value != ""
        )
        self.parts.append(f"<{name}{written}/>" if text is None else f"<{name}{written}>{escape(text)}</{name}>")

    def text(self, x: float, y: float, words: object, class_: str = "", anchor: str = "") -> None:
        """Write words with their baseline at a point; `anchor` is start (default), middle or end."""
        self.add("text", words, x=x, y=y, class_=class_, text_anchor=anchor)

    def hatch(self, key: str, series: int) -> None:
        """Define the pattern of a series, so that it is told apart without its colour; the first is plain."""
        lines = '<path class="hatch" d="M0 3.5H7"/>' if series in _ANGLES else ""
        self.parts.append(
            f'<pattern id="{escape(key)}-{series}" width="7" height="7" patternUnits="userSpaceOnUse"'
            f' patternTransform="rotate({_ANGLES.get(series, 0)})">'
            f'<rect class="area s{series}" width="7" height="7"/>{lines}</pattern>'
        )

    def finished(self, frame: Frame, height: float, title: str, desc: str) -> Markup:
        """Return the drawing as one SVG element."""
        kind = "narrow" if frame.narrow else "wide"
        return Markup(  # noqa: S704  # every piece was escaped when it was drawn
            f'<svg class="{kind}" role="img" viewBox="0 0 {frame.width} {_written(height)}"'
            f' width="{frame.width}" height="{_written(height)}">'
            f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>{''.join(self.parts)}</svg>"
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight map from values to units."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where a value lies."""
        span = self.high - self.low
        return self.start + (value - self.low) / span * (self.end - self.start) if span > _TINY else self.start


def round_ticks(low: float, high: float, count: int = 5) -> tuple[float, ...]:
    """Return round values that cover a range, about `count` of them.

    Examples
    --------
    >>> round_ticks(0, 97)
    (0.0, 20.0, 40.0, 60.0, 80.0, 100.0)
    """
    span = high - low if high - low > _TINY else max(abs(high), 1.0)
    rough = span / count
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * nice for nice in (1, 2, 2.5, 5, 10) if size * nice >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(index * step, 12) for index in range(first, max(last, first + 1) + 1))


def text_width(words: str, size: float) -> float:
    """Return about how wide a text is drawn: Hangul and the like are square, the rest about half."""
    return sum(size * (0.93 if ord(letter) > 0x1100 else 0.56) for letter in words)


def inside(x: float, words: str, width: float, size: float) -> float:
    """Return where a centred text stands so that it does not leave the sheet."""
    half = text_width(words, size) / 2
    return min(max(x, half), width - half)


def fitted(words: str, width: float, size: float) -> str:
    """Return a text cut with an ellipsis where it would be wider than it may."""
    if text_width(words, size) <= width:
        return words
    kept = words
    while kept and text_width(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions near the wanted ones that keep a gap, in the same order, inside the bounds where they fit."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = [0.0] * len(wanted)
    before = low - gap
    for index in order:
        placed[index] = before = max(wanted[index], before + gap)
    after = high + gap
    for index in reversed(order):
        placed[index] = after = min(placed[index], after - gap)
    return placed


def _written(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return escape(value)
