"""Flows: where every unit came from and where it went."""

from collections import defaultdict
from dataclasses import dataclass

from markupsafe import Markup

from madang.ui import formats
from madang.ui.charts.canvas import Canvas, Frame, fitted, text_width
from madang.ui.charts.specs import FlowChart, FlowNode

_NODE_PX = 12.0
_LABEL_PX = 34.0
_GAP_PX = 12.0


@dataclass(slots=True)
class _Box:
    """A node as it is placed."""

    node: FlowNode
    value: float
    x: float
    y: float
    height: float
    out: float = 0.0
    into: float = 0.0


def draw_flow(chart: FlowChart, frame: Frame, desc: str) -> Markup:
    """Draw nodes in columns and ribbons between them, as thick as what they carry."""
    canvas = Canvas()
    boxes, per_unit, height = _placed(chart, frame)
    order = {node.key: index for index, node in enumerate(chart.nodes)}
    for link in sorted(chart.links, key=lambda link: (order[link.source], order[link.target])):
        source, target = boxes[link.source], boxes[link.target]
        thick = link.value * per_unit
        start, end = source.y + source.out, target.y + target.into
        source.out += thick
        target.into += thick
        canvas.add(
            "path", class_=f"band s{target.node.series}", d=_ribbon(source.x + _NODE_PX, start, target.x, end, thick)
        )
    room = _column_room(chart, frame)
    for box in boxes.values():
        canvas.add(
            "rect", class_=f"area s{box.node.series}", x=box.x, y=box.y, width=_NODE_PX, height=max(box.height, 1.5)
        )
        middle = box.y + max(box.height, _LABEL_PX) / 2
        said = chart.measure.short(box.value, frame.language)
        if chart.measure.money and text_width(said, frame.tick) > room:
            said = formats.won_compact(round(box.value), frame.language)
        canvas.text(box.x + _NODE_PX + 6, middle - 3, fitted(box.node.label, room, frame.text), "strong halo")
        canvas.text(box.x + _NODE_PX + 6, middle + 13, fitted(said, room, frame.tick), "tick halo")
    return canvas.finished(frame, height, chart.title, desc)


def _placed(chart: FlowChart, frame: Frame) -> tuple[dict[str, _Box], float, float]:
    into: defaultdict[str, float] = defaultdict(float)
    out: defaultdict[str, float] = defaultdict(float)
    for link in chart.links:
        out[link.source] += link.value
        into[link.target] += link.value
    columns: defaultdict[int, list[FlowNode]] = defaultdict(list)
    for node in chart.nodes:
        columns[node.column].append(node)
    value = {node.key: max(into[node.key], out[node.key]) for node in chart.nodes}
    most = max((sum(value[node.key] for node in nodes) for nodes in columns.values()), default=0.0) or 1.0
    per_unit = (180.0 if frame.narrow else 220.0) / most
    pitch = _column_room(chart, frame) + _NODE_PX + 12
    boxes: dict[str, _Box] = {}
    height = 0.0
    for column, nodes in columns.items():
        down = 2.0
        for node in nodes:
            tall = value[node.key] * per_unit
            boxes[node.key] = _Box(node, value[node.key], column * pitch, down, tall)
            down += max(tall, _LABEL_PX) + _GAP_PX
        height = max(height, down - _GAP_PX + 4)
    return boxes, per_unit, height


def _column_room(chart: FlowChart, frame: Frame) -> float:
    """Return how wide a label may be: the sheet shared among the columns."""
    columns = max((node.column for node in chart.nodes), default=0) + 1
    share = frame.width / columns - _NODE_PX - 12
    widest = max((text_width(node.label, frame.text) for node in chart.nodes), default=0.0) + 8
    return share if columns > 1 else min(share, widest)


def _ribbon(start_x: float, start_y: float, end_x: float, end_y: float, thick: float) -> str:
    bend = (start_x + end_x) / 2
    return (
        f"M{start_x:.1f} {start_y:.1f}C{bend:.1f} {start_y:.1f} {bend:.1f} {end_y:.1f} {end_x:.1f} {end_y:.1f}"
        f"V{end_y + thick:.1f}C{bend:.1f} {end_y + thick:.1f} {bend:.1f} {start_y + thick:.1f}"
        f" {start_x:.1f} {start_y + thick:.1f}Z"
    )
