"""Bars: side by side, stacked, upright, and estimates with their ranges."""

from markupsafe import Markup

from madang.ui.charts.canvas import Canvas, Frame, Scale, fitted, inside, round_ticks, text_width
from madang.ui.charts.specs import Bar, BarChart, IntervalChart, StackedBarChart


def draw_bars(chart: BarChart, frame: Frame, desc: str) -> Markup:
    """Draw bars with their values at their ends and the plan's mark across them."""
    if chart.vertical:
        return _draw_columns(chart, frame, desc)
    canvas = Canvas()
    said = [chart.measure.short(bar.value, frame.language) for bar in chart.bars]
    left, pitch, drop = _label_room([bar.label for bar in chart.bars], frame)
    right = max((text_width(word, frame.text) for word in said), default=0) + 10
    top = max([bar.value for bar in chart.bars] + [bar.plan or 0 for bar in chart.bars] + [0]) or 1.0
    x = Scale(0, top, left, frame.width - right)
    quiet = any(bar.strong for bar in chart.bars)
    for index, (bar, word) in enumerate(zip(chart.bars, said, strict=True)):
        at = index * pitch + drop
        _row_label(canvas, frame, bar.label, (left, at), strong=bar.strong)
        canvas.add("rect", class_=_fill(bar, quiet=quiet), x=left, y=at, width=x(bar.value) - left, height=16, rx=2)
        end = x(bar.value)
        if bar.plan is not None:
            canvas.add("rect", class_="ink", x=x(bar.plan) - 1.5, y=at - 3, width=3, height=22)
            # The value stands at the bar's end, unless the plan's mark stands there.
            end = x(bar.plan) if end - 6 < x(bar.plan) < end + text_width(word, frame.text) + 14 else end
        canvas.text(end + 8, at + 13, word, "strong halo" if bar.strong else "halo")
    foot = len(chart.bars) * pitch
    canvas.add("path", class_="axis", d=f"M{left:.1f} 0V{foot:.1f}")
    return canvas.finished(frame, _plan_key(canvas, chart, (left, foot)), chart.title, desc)


def _draw_columns(chart: BarChart, frame: Frame, desc: str) -> Markup:
    canvas = Canvas()
    height = 210.0 if frame.narrow else 240.0
    top = max([bar.value for bar in chart.bars] + [bar.plan or 0 for bar in chart.bars] + [0]) or 1.0
    y = Scale(0, top, height - 26, 24)
    pitch = frame.width / max(len(chart.bars), 1)
    wide = min(pitch * 0.72, 64.0)
    quiet = any(bar.strong for bar in chart.bars)
    said = [chart.measure.short(bar.value, frame.language) for bar in chart.bars]
    dense = max((text_width(word, frame.text) for word in said), default=0) > pitch
    peak = max(range(len(said)), key=lambda index: chart.bars[index].value, default=0)
    every = max(
        1, -(-int(max((text_width(bar.label, frame.tick) for bar in chart.bars), default=0) + 8) // max(int(pitch), 1))
    )
    last = len(said) - 1
    for index, (bar, word) in enumerate(zip(chart.bars, said, strict=True)):
        middle = (index + 0.5) * pitch
        canvas.add(
            "rect",
            class_=_fill(bar, quiet=quiet),
            x=middle - wide / 2,
            y=y(bar.value),
            width=wide,
            height=y(0) - y(bar.value),
            rx=2,
        )
        if bar.plan is not None:
            canvas.add("rect", class_="ink", x=middle - wide / 2 - 4, y=y(bar.plan) - 1.5, width=wide + 8, height=3)
        if not dense or bar.strong or index in {peak, last}:
            at = inside(middle, word, frame.width, frame.text)
            canvas.text(
                at, y(max(bar.value, bar.plan or 0)) - 7, word, "strong halo" if bar.strong else "halo", "middle"
            )
        if (last - index) % every == 0:
            canvas.text(inside(middle, bar.label, frame.width, frame.tick), height - 7, bar.label, "tick", "middle")
    canvas.add("path", class_="axis", d=f"M0 {y(0):.1f}H{frame.width}")
    return canvas.finished(frame, _plan_key(canvas, chart, (0.0, height)), chart.title, desc)


def draw_stacked(chart: StackedBarChart, frame: Frame, desc: str) -> Markup:
    """Draw one bar a label, one hatched segment a series, with a legend in the same hatching."""
    canvas = Canvas()
    for index in range(len(chart.series)):
        canvas.hatch(frame.key, index % 5 + 1)
    top = _swatches(canvas, [row.name for row in chart.series], frame)
    wholes = [sum(row.values[index] or 0 for row in chart.series) for index in range(len(chart.labels))]
    said = [chart.measure.short(whole, frame.language) for whole in wholes]
    left, pitch, drop = _label_room(list(chart.labels), frame)
    pitch += 6
    x = Scale(
        0,
        max([*wholes, 0]) or 1.0,
        left,
        frame.width - max((text_width(word, frame.text) for word in said), default=0) - 10,
    )
    for index, label in enumerate(chart.labels):
        at = top + index * pitch + drop
        _row_label(canvas, frame, label, (left, at + 2))
        reached = 0.0
        for part, row in enumerate(chart.series):
            value = row.values[index] or 0.0
            if not value:
                continue
            series = part % 5 + 1
            start, wide = x(reached), x(reached + value) - x(reached)
            canvas.add("rect", class_="edge", x=start, y=at, width=wide, height=22, fill=f"url(#{frame.key}-{series})")
            word = chart.measure.short(value, frame.language)
            if text_width(word, frame.tick) + 10 < wide:
                canvas.text(start + wide / 2, at + 15.5, word, f"inside s{series}", "middle")
            reached += value
        canvas.text(x(reached) + 8, at + 16, said[index], "strong")
    return canvas.finished(frame, top + len(chart.labels) * pitch + 2, chart.title, desc)


def draw_intervals(chart: IntervalChart, frame: Frame, desc: str) -> Markup:
    """Draw estimates as dots on the range they lie in, against the reference."""
    canvas = Canvas()
    left, pitch, drop = _label_room([row.label for row in chart.rows], frame)
    top = 24.0 if chart.reference is not None else 4.0
    ends = [edge for row in chart.rows for edge in (row.low, row.high)]
    if chart.reference is not None:
        ends.append(chart.reference)
    ticks = round_ticks(min(ends), max(ends), 4) if ends else (0.0, 1.0)
    said = [chart.measure.short(row.value, frame.language) for row in chart.rows]
    right = max((text_width(word, frame.text) for word in said), default=0) + 12
    x = Scale(ticks[0], ticks[-1], left + 6, frame.width - right - 6)
    foot = top + len(chart.rows) * pitch
    for tick in ticks:
        canvas.add("path", class_="grid", d=f"M{x(tick):.1f} {top:.1f}V{foot:.1f}")
        word = chart.measure.tick(tick, ticks[1] - ticks[0], frame.language)
        canvas.text(inside(x(tick), word, frame.width, frame.tick), foot + 15, word, "tick", "middle")
    if chart.reference is not None:
        canvas.add("path", class_="plan", d=f"M{x(chart.reference):.1f} {top - 6:.1f}V{foot:.1f}")
        word = f"{chart.reference_label} {chart.measure.short(chart.reference, frame.language)}".strip()
        canvas.text(inside(x(chart.reference), word, frame.width, frame.text), top - 10, word, "halo", "middle")
    for index, (row, word) in enumerate(zip(chart.rows, said, strict=True)):
        at = top + index * pitch + drop
        _row_label(canvas, frame, row.label, (left, at))
        canvas.add("path", class_="span s0", d=f"M{x(row.low):.1f} {at + 8:.1f}H{x(row.high):.1f}")
        for edge in (row.low, row.high):
            canvas.add("path", class_="span s0", d=f"M{x(edge):.1f} {at + 3:.1f}V{at + 13:.1f}")
        canvas.add("circle", class_="dot s0", cx=x(row.value), cy=at + 8, r=5.5)
        canvas.text(frame.width, at + 13, word, "strong", "end")
    return canvas.finished(frame, foot + 20, chart.title, desc)


def _fill(bar: Bar, *, quiet: bool) -> str:
    return "area s0 rest" if quiet and not bar.strong else "area s0"


def _plan_key(canvas: Canvas, chart: BarChart, at: tuple[float, float]) -> float:
    """Say below the bars what the mark across them is, where there is one; return where the drawing ends."""
    left, foot = at
    if all(bar.plan is None for bar in chart.bars):
        return foot + 2
    canvas.add("rect", class_="ink", x=left, y=foot + 8, width=3, height=14)
    canvas.text(left + 10, foot + 20, chart.plan_label, "tick")
    return foot + 26


def _label_room(labels: list[str], frame: Frame) -> tuple[float, float, float]:
    """Return left edge of the bars, height of a row and where in it the bar begins: labels stand above on a phone."""
    if frame.narrow:
        return 0.0, 50.0, 25.0
    widest = max((text_width(label, frame.text) for label in labels), default=0.0)
    return min(widest, 0.34 * frame.width) + 12, 30.0, 6.0


def _row_label(canvas: Canvas, frame: Frame, label: str, at: tuple[float, float], *, strong: bool = False) -> None:
    left, top = at
    class_ = "strong" if strong else ""
    if frame.narrow:
        canvas.text(0, top - 6, fitted(label, frame.width, frame.text), class_)
    else:
        canvas.text(left - 10, top + 13, fitted(label, left - 12, frame.text), class_, "end")


def _swatches(canvas: Canvas, names: list[str], frame: Frame) -> float:
    """Write the legend of hatchings; return where the drawing begins."""
    across, down = 0.0, 2.0
    for index, name in enumerate(names):
        wide = 22 + text_width(name, frame.text) + 18
        if across and across + wide > frame.width:
            across, down = 0.0, down + frame.line + 5
        canvas.add("rect", x=across, y=down, width=14, height=14, rx=2, fill=f"url(#{frame.key}-{index % 5 + 1})")
        canvas.text(across + 20, down + 12, fitted(name, frame.width - 24, frame.text))
        across += wide
    return down + frame.line + 10
