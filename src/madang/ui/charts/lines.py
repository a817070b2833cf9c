"""Line charts and small multiples."""

from dataclasses import replace

from markupsafe import Markup

from madang.ui.charts.canvas import Canvas, Frame, Scale, apart, fitted, round_ticks, text_width
from madang.ui.charts.specs import LineChart, Measure, Series, SmallMultiples

_DASHES = (None, "8 4", "2.5 4", "10 3 2 3", "1 3")


def draw_lines(chart: LineChart, frame: Frame, desc: str) -> Markup:
    """Draw values over time with their target path; what has not been measured at all is not drawn."""
    target = chart.target if chart.target and _measured(chart.target) else None
    chart = replace(chart, series=tuple(row for row in chart.series if _measured(row)), target=target)
    canvas = Canvas()
    rows = [(row, f"s{index + 1}", _DASHES[index % 5]) for index, row in enumerate(chart.series)]
    ends = [_end(row, chart.measure, frame) for row, _class, _dash in rows]
    names = not frame.narrow
    single = len(rows) == 1 and chart.target is None
    words = [end if single or not names else f"{row.name} {end}" for (row, _c, _d), end in zip(rows, ends, strict=True)]
    if chart.target:
        end = _end(chart.target, chart.measure, frame)
        words.append(f"{chart.target.name} {end}" if names else end)
    right = min(max((text_width(word, frame.text) for word in words), default=0), 0.36 * frame.width)
    top = 12.0 if names or single else _legend(canvas, chart, frame)
    height = top + (230 if not frame.narrow else 190)
    ticks = _ticks(chart)
    said = [chart.measure.tick(tick, ticks[1] - ticks[0], frame.language) for tick in ticks]
    left = max(text_width(tick, frame.tick) for tick in said) + 8
    x = Scale(0, max(len(chart.labels) - 1, 1), left + 4, frame.width - right - 12)
    y = Scale(ticks[0], ticks[-1], height - 26, top + 6)
    for tick, word in zip(ticks, said, strict=True):
        canvas.add("path", class_="axis" if tick == ticks[0] else "grid", d=_horizontal(left, x.end + 4, y(tick)))
        canvas.text(left - 8, y(tick) + 4, word, "tick", "end")
    _time_axis(canvas, frame, chart.labels, x, height - 7)
    drawn = [(row, class_, dash) for row, class_, dash in rows]
    for row, class_, dash in drawn:
        canvas.add("path", class_=f"line {class_}", d=_path(row.values, x, y), stroke_dasharray=dash)
    if chart.target:
        canvas.add("path", class_="plan", d=_path(chart.target.values, x, y))
        drawn.append((chart.target, "", None))
    lasts = [_last(row) for row, _class, _dash in drawn]
    heights = apart([y(value) for _index, value in lasts], frame.line, top + 6, height - 28)
    for (row, class_, _dash), (index, value), word, at in zip(drawn, lasts, words, heights, strict=True):
        if row is not chart.target:
            canvas.add("circle", class_=f"point {class_}", cx=x(index), cy=y(value), r=4)
        canvas.text(x.end + 9, at + 4, fitted(word, right, frame.text), f"text-s halo {class_}" if class_ else "halo")
    return canvas.finished(frame, height, chart.title, desc)


def draw_panels(chart: SmallMultiples, frame: Frame, desc: str) -> Markup:
    """Draw one small line chart for each panel, all on one scale."""
    canvas = Canvas()
    columns = 2 if frame.narrow else 4
    wide, tall, gap = frame.width / columns, 112.0, 16.0
    values = [value for panel in chart.panels for value in panel.values if value is not None]
    ticks = round_ticks(min(0.0, *values), max(values), 2) if values else (0.0, 1.0)
    rows = -(-len(chart.panels) // columns)
    for index, panel in enumerate(chart.panels):
        left, top = index % columns * wide, index // columns * tall
        x = Scale(0, max(len(chart.labels) - 1, 1), left + 2, left + wide - gap - 6)
        y = Scale(ticks[0], ticks[-1], top + 92, top + 34)
        place, value = _last(panel)
        said = chart.measure.short(value, frame.language) if _measured(panel) else "–"
        room = wide - gap - text_width(said, frame.text) - 6
        canvas.text(left, top + 16, fitted(panel.name, room, frame.text), "strong")
        canvas.text(left + wide - gap, top + 16, said, "text-s s1", "end")
        canvas.add("path", class_="grid", d=_horizontal(left, left + wide - gap, y(ticks[-1])))
        canvas.add("path", class_="axis", d=_horizontal(left, left + wide - gap, y(ticks[0])))
        canvas.add("path", class_="line s1", d=_path(panel.values, x, y))
        if _measured(panel):
            canvas.add("circle", class_="point s1", cx=x(place), cy=y(value), r=3.2)
    foot = rows * tall
    low, high = (chart.measure.tick(edge, ticks[1] - ticks[0], frame.language) for edge in (ticks[0], ticks[-1]))
    scale = f"{low} – {high}"
    span = f"{chart.labels[0]} – {chart.labels[-1]}" if chart.labels else ""
    canvas.text(0, foot + 10, f"{span}   ↕ {scale}", "tick")
    return canvas.finished(frame, foot + 16, chart.title, desc)


def _legend(canvas: Canvas, chart: LineChart, frame: Frame) -> float:
    """Write one line a series above a narrow drawing; return where the drawing begins."""
    at = 14.0
    for index, row in enumerate(chart.series):
        canvas.add(
            "path", class_=f"line s{index + 1}", d=_horizontal(0, 26, at - 4), stroke_dasharray=_DASHES[index % 5]
        )
        canvas.text(34, at, fitted(row.name, frame.width - 36, frame.text), f"text-s s{index + 1}")
        at += frame.line + 1
    if chart.target:
        canvas.add("path", class_="plan", d=_horizontal(0, 26, at - 4))
        canvas.text(34, at, fitted(chart.target.name, frame.width - 36, frame.text))
        at += frame.line + 1
    return at


def _ticks(chart: LineChart) -> tuple[float, ...]:
    rows = (*chart.series, chart.target) if chart.target else chart.series
    values = [value for row in rows for value in row.values if value is not None] or [0.0, 1.0]
    low = min(values)
    return round_ticks(min(0.0, low) if chart.from_zero else low, max(values), 4)


def _time_axis(canvas: Canvas, frame: Frame, labels: tuple[str, ...], x: Scale, baseline: float) -> None:
    """Write as many labels as fit, the last one always."""
    if not labels:
        return
    room = max(text_width(label, frame.tick) for label in labels) + 14
    every = max(1, -(-int(room * len(labels)) // max(int(x.end - x.start), 1)))
    last = len(labels) - 1
    for index in range(last, -1, -every):
        anchor = "end" if index == last and last else "start" if index == 0 else "middle"
        at = x(index) + (6 if anchor == "end" else -4 if anchor == "start" else 0)
        canvas.text(at, baseline, labels[index], "tick", anchor)


def _path(values: tuple[float | None, ...], x: Scale, y: Scale) -> str:
    steps, pen = [], "M"
    for index, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        steps.append(f"{pen}{x(index):.1f} {y(value):.1f}")
        pen = "L"
    return "".join(steps)


def _horizontal(start: float, end: float, at: float) -> str:
    return f"M{start:.1f} {at:.1f}H{end:.1f}"


def _measured(row: Series) -> bool:
    return any(value is not None for value in row.values)


def _last(row: Series) -> tuple[int, float]:
    known = [(index, value) for index, value in enumerate(row.values) if value is not None]
    return known[-1] if known else (0, 0.0)


def _end(row: Series, measure: Measure, frame: Frame) -> str:
    return measure.short(_last(row)[1], frame.language)
