"""What the evidence publishes is described."""

from pathlib import Path

from madang.yard.evidence.formats.counts_csv import TOTALS
from madang.yard.evidence.formats.declaration import DATASETS
from madang.yard.evidence.formats.writers import WRITERS

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "open-data.md"


def test_every_dataset_and_field_stands_in_the_reference_as_it_is_declared() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    for dataset in DATASETS.values():
        section = text.partition(f"### `{dataset.code}`")[2].partition("\n## ")[0].partition("\n### ")[0]
        assert section, dataset.code
        rows = [line.split("|")[1].strip(" `") for line in section.splitlines() if line.startswith("| `")]
        assert rows == [field.name for field in dataset.fields]
        for field in dataset.fields:
            assert field.en in section
    for media in WRITERS:
        assert f".{media}" in text
    for name in TOTALS:
        assert f"`{name}`" in text
