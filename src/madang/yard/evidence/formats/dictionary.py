"""The data dictionary of the open data, as JSON for programs and as a page for people."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape

from madang.yard.evidence.formats.declaration import DATASETS, LICENCE, LICENCE_KO, LICENCE_URL, Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """One file of a dataset: its name, digest, size and number of rows."""

    dataset: str
    name: str
    sha256: str
    size_bytes: int
    rows: int


def dictionary_json(files: Sequence[PublishedFile], datasets: Iterable[Dataset] = DATASETS.values()) -> bytes:
    """Return the dictionary as JSON: every dataset with its fields, licence and files."""
    body = {
        "licence": {"name_en": LICENCE, "name_ko": LICENCE_KO, "url": LICENCE_URL},
        "datasets": [
            {**asdict(dataset), "files": [asdict(file) for file in files if file.dataset == dataset.code]}
            for dataset in datasets
        ],
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode() + b"\n"


def dictionary_html(files: Sequence[PublishedFile], datasets: Iterable[Dataset] = DATASETS.values()) -> bytes:
    """Return the dictionary as one plain page in both languages, to be kept beside the files."""
    parts = [
        '<!doctype html>\n<html lang="ko"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>자료 설명서 · Data dictionary</title></head><body>",
        '<h1>자료 설명서 <span lang="en">Data dictionary</span></h1>',
        f'<p>{escape(LICENCE_KO)} · <a href="{escape(LICENCE_URL)}" lang="en">{escape(LICENCE)}</a></p>',
    ]
    for dataset in datasets:
        parts += _section(dataset, [file for file in files if file.dataset == dataset.code])
    parts.append("</body></html>\n")
    return "\n".join(parts).encode()


def _section(dataset: Dataset, files: Sequence[PublishedFile]) -> list[str]:
    lines = [
        f'<h2 id="{dataset.code}">{escape(dataset.title_ko)} <span lang="en">{escape(dataset.title_en)}</span></h2>',
        f'<p>{escape(dataset.about_ko)}<br><span lang="en">{escape(dataset.about_en)}</span></p>',
        '<table><caption>항목 <span lang="en">Fields</span></caption><thead><tr>'
        '<th scope="col">name</th><th scope="col">type</th><th scope="col">unit</th>'
        '<th scope="col">뜻</th><th scope="col" lang="en">Meaning</th></tr></thead><tbody>',
    ]
    for field in dataset.fields:
        kind = f"{field.kind}{' (optional)' if field.nullable else ''}"
        lines.append(
            f'<tr><th scope="row"><code>{escape(field.name)}</code></th><td>{kind}</td><td>{escape(field.unit)}</td>'
            f'<td>{escape(field.ko)}</td><td lang="en">{escape(field.en)}</td></tr>'
        )
    lines.append("</tbody></table>")
    if files:
        lines.append("<ul>")
        lines += [
            f"<li><code>{escape(file.name)}</code>: {file.rows} rows, {file.size_bytes} bytes, "
            f"SHA-256 <code>{file.sha256}</code></li>"
            for file in files
        ]
        lines.append("</ul>")
    return lines
