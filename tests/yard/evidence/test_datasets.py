"""Publishing the open data."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from madang.numerics.digests import sha256_hex
from madang.numerics.errors import NotFound, PermissionDenied
from madang.yard.audit.authority import SYSTEM, Actor, Role
from madang.yard.audit.models import Record
from madang.yard.evidence import selectors
from madang.yard.evidence.formats.declaration import DATASETS
from madang.yard.evidence.formats.writers import WRITERS
from madang.yard.evidence.models import Indicator, Publication, Signal
from madang.yard.evidence.selectors.datasets import DATASET_ROWS
from madang.yard.evidence.services import (
    DocumentDraft,
    ObservationDraft,
    SignalMoveDraft,
    dataset_export,
    dataset_publish,
    document_file,
    observation_enter,
    signal_move,
)
from madang.yard.evidence.services.datasets import dataset_written

from .conftest import DISTRICT, DONGS, RATE, line

pytestmark = pytest.mark.django_db


@pytest.fixture
def evidence(rate: Indicator, persons: Indicator, signal: Signal) -> None:
    """Some of everything, small counts among it."""
    line(persons, "2026-01", [46, 3, 8, 15, 20])
    observation_enter(SYSTEM, ObservationDraft(indicator=RATE.code, place=DISTRICT, period="2026-01", value=12.5))
    signal_move(
        Actor(role=Role.DONG_OFFICER, place=DONGS[0], user="hong-gildong"),
        SignalMoveDraft(signal=signal.pk, to="seen", reason="=Looked into."),
    )
    document_file(SYSTEM, DocumentDraft(title="회의록", content=b"%PDF-1", place=DISTRICT))


def test_every_dataset_has_rows_and_every_row_its_fields(evidence: None) -> None:
    assert set(DATASET_ROWS) == set(DATASETS)
    for code, dataset in DATASETS.items():
        rows = list(DATASET_ROWS[code]())
        assert rows, code
        for row in rows:
            assert len(row) == len(dataset.fields)
            for field, value in zip(dataset.fields, row, strict=True):
                assert field.nullable or value is not None, f"{code}.{field.name}"
        key = [tuple(row[[field.name for field in dataset.fields].index(name)] for name in dataset.key) for row in rows]
        assert key == sorted(set(key)), f"{code}: rows in the order of their key, each once"


def test_what_is_published_can_be_read_back_alike_in_every_format(evidence: None) -> None:
    dataset_publish(SYSTEM)
    for code, dataset in DATASETS.items():
        files = {media: selectors.publication_path(selectors.publication_get(code, media)) for media in WRITERS}
        names = [field.name for field in dataset.fields]
        from_csv = list(csv.DictReader(io.StringIO(files["csv"].read_text("utf-8-sig"))))
        from_json = json.loads(files["json"].read_text())["rows"]
        table = pq.read_table(files["parquet"])
        assert list(from_csv[0]) == list(from_json[0]) == table.column_names == names
        assert len(from_csv) == len(from_json) == table.num_rows == len(list(DATASET_ROWS[code]()))
        for field, column in zip(dataset.fields, table.columns, strict=True):
            if field.kind in {"number", "integer"}:
                parquet = column.to_pylist()
                assert [row[field.name] for row in from_json] == parquet
                assert [float(row[field.name]) if row[field.name] else None for row in from_csv] == [
                    None if value is None else float(value) for value in parquet
                ]


def test_withheld_counts_are_in_no_file(evidence: None) -> None:
    dataset_publish(SYSTEM)
    table = pq.read_table(selectors.publication_path(selectors.publication_get("observations", "parquet"))).to_pylist()
    hidden = [row for row in table if row["withheld"]]
    assert [row["place"] for row in hidden] == [DONGS[0], DONGS[1]]
    assert all(row["value"] is None and row["numerator"] is None for row in hidden)
    assert {row["value"] for row in table} == {None, 46.0, 15.0, 20.0, 12.5}


def test_nobody_is_named(evidence: None) -> None:
    dataset_publish(SYSTEM)
    for path in (Path(settings.MEDIA_ROOT) / "open").iterdir():
        assert b"hong-gildong" not in path.read_bytes()


def test_a_text_that_a_spreadsheet_would_run_is_inert_in_csv_and_itself_elsewhere(evidence: None) -> None:
    dataset_publish(SYSTEM)
    read = {
        media: selectors.publication_path(selectors.publication_get("signal-moves", media)).read_text()
        for media in ("csv", "json")
    }
    assert ",'=Looked into." in read["csv"]
    assert '"=Looked into."' in read["json"]


def test_the_same_data_gives_the_same_digests_and_is_published_once(evidence: None) -> None:
    first = dataset_publish(SYSTEM)
    assert len(first) == len(DATASETS) * len(WRITERS) + 2
    before = Record.objects.count()
    assert dataset_publish(SYSTEM) == []
    assert Record.objects.count() == before
    for publication in first:
        content = selectors.publication_path(publication).read_bytes()
        assert sha256_hex(content) == publication.sha256
        assert len(content) == publication.size_bytes


def test_only_what_changed_is_published_again_and_the_old_file_stays(evidence: None, persons: Indicator) -> None:
    old = {(row.dataset, row.media): row for row in dataset_publish(SYSTEM)}
    line(persons, "2026-02", [46, 3, 8, 15, 20])
    fresh = dataset_publish(SYSTEM)
    assert {row.dataset for row in fresh} == {"observations", "dictionary"}
    assert selectors.publication_get("observations", "csv").rows == 11
    assert selectors.publication_path(old["observations", "csv"]).is_file()
    assert len(selectors.publications_latest()) == len(old)


def test_a_lost_file_is_written_again(evidence: None) -> None:
    dataset_publish(SYSTEM)
    selectors.publication_path(selectors.publication_get("signals", "json")).unlink()
    assert [(row.dataset, row.media) for row in dataset_publish(SYSTEM)] == [("signals", "json")]


def test_the_dictionary_names_every_field_and_every_file_with_its_digest(evidence: None) -> None:
    dataset_publish(SYSTEM)
    body = json.loads(selectors.publication_path(selectors.publication_get("dictionary", "json")).read_text())
    page = selectors.publication_path(selectors.publication_get("dictionary", "html")).read_text()
    assert [entry["code"] for entry in body["datasets"]] == list(DATASETS)
    for entry in body["datasets"]:
        assert [field["name"] for field in entry["fields"]] == [f.name for f in DATASETS[entry["code"]].fields]
        for field in entry["fields"]:
            assert field["ko"]
            assert field["en"]
            assert f"<code>{field['name']}</code>" in page
        for file in entry["files"]:
            dataset, _dot, media = file["name"].partition(".")
            assert file["sha256"] == selectors.publication_get(dataset, media).sha256
            assert file["sha256"] in page


def test_progress_is_told(evidence: None) -> None:
    told: list[tuple[float, str]] = []
    dataset_publish(SYSTEM, lambda fraction, step: told.append((fraction, step)))
    assert told[0] == (0.0, "indicators.csv")
    assert [fraction for fraction, _step in told] == sorted(fraction for fraction, _step in told)


def test_nothing_half_written_is_left(evidence: None, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset_publish(SYSTEM)

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        dataset_publish(SYSTEM)
    assert not list((Path(settings.MEDIA_ROOT) / "open").glob(".partial-*"))


def test_export_writes_a_folder_that_equals_what_is_published(evidence: None, tmp_path: Path) -> None:
    dataset_publish(SYSTEM)
    files = dataset_export(tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {file.name for file in files} | {"dictionary.json", "dictionary.html"}
    for file in files:
        dataset, _dot, media = file.name.partition(".")
        assert file.sha256 == selectors.publication_get(dataset, media).sha256


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMINISTRATOR, Role.SYSTEM}])
def test_only_the_administration_publishes(district: object, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        dataset_publish(Actor(role=role, place=DISTRICT, user="somebody"))
    assert not Publication.objects.exists()


def test_unknown_datasets_and_formats(district: object, tmp_path: Path) -> None:
    for code, media in (("persons", "csv"), ("signals", "xlsx")):
        with pytest.raises(NotFound), dataset_written(code, media, tmp_path):
            pass
    with pytest.raises(NotFound):
        selectors.publication_get("signals", "csv")


def test_the_database_refuses_to_rewrite_a_publication(evidence: None) -> None:
    dataset_publish(SYSTEM)
    with pytest.raises(DatabaseError), transaction.atomic():
        Publication.objects.update(sha256="0" * 64)
