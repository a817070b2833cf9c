"""Publishing the open data: files under their digests, and a row for each."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from madang.numerics.errors import NotFound
from madang.yard.audit.authority import Action, Actor, require
from madang.yard.audit.services import hold, record
from madang.yard.evidence.formats.declaration import DATASETS
from madang.yard.evidence.formats.dictionary import PublishedFile, dictionary_html, dictionary_json
from madang.yard.evidence.formats.writers import WRITERS
from madang.yard.evidence.models import Publication
from madang.yard.evidence.selectors.catalogue import open_folder, publication_path
from madang.yard.evidence.selectors.datasets import DATASET_ROWS
from madang.yard.evidence.selectors.refusals import EvidenceCode

DICTIONARY = "dictionary"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A file on the disk that is not yet at its place."""

    path: Path
    sha256: str
    size_bytes: int
    rows: int


def dataset_publish(actor: Actor, progress: Callable[[float, str], None] | None = None) -> list[Publication]:
    """Publish every dataset in every format, and the data dictionary; what has not changed is not published again.

    Parameters
    ----------
    actor : Actor
        Who publishes.
    progress : callable, optional
        Called with a fraction and what is being done.

    Returns
    -------
    list of Publication
        What is new.

    Notes
    -----
    Files are written before the transaction begins, so that nobody waits for them. What is entered meanwhile may stand
    in a later dataset and not in an earlier one; the next publication holds both.
    """
    require(actor, Action.DATASET_PUBLISH)
    with ExitStack() as stack:
        jobs = [(code, media) for code in DATASETS for media in WRITERS]
        written = {}
        for number, (code, media) in enumerate(jobs):
            if progress:
                progress(number / len(jobs), f"{code}.{media}")
            written[code, media] = stack.enter_context(dataset_written(code, media, open_folder()))
        files = [_listed(code, media, file) for (code, media), file in written.items()]
        for media, content in (("json", dictionary_json(files)), ("html", dictionary_html(files))):
            written[DICTIONARY, media] = stack.enter_context(_written(open_folder(), _putting(content)))
        return _publish(actor, written)


@transaction.atomic
def _publish(actor: Actor, written: Mapping[tuple[str, str], _Written]) -> list[Publication]:
    hold()
    made = (_published(dataset, media, file) for (dataset, media), file in written.items())
    fresh = [publication for publication in made if publication is not None]
    if fresh:
        digests = {f"{publication.dataset}.{publication.media}": publication.sha256 for publication in fresh}
        record(actor, Action.DATASET_PUBLISH, target="evidence.publication", detail={"files": digests})
    return fresh


def _published(dataset: str, media: str, written: _Written) -> Publication | None:
    last = Publication.objects.filter(dataset=dataset, media=media).order_by("-pk").first()
    if last is not None and last.sha256 == written.sha256 and publication_path(last).is_file():
        return None
    publication = Publication(
        dataset=dataset, media=media, sha256=written.sha256, size_bytes=written.size_bytes, rows=written.rows
    )
    written.path.replace(publication_path(publication))
    publication.save(force_insert=True)
    return publication


def _putting(content: bytes) -> Callable[[IO[bytes]], int]:
    def put(file: IO[bytes]) -> int:
        file.write(content)
        return len(DATASETS)

    return put


def _listed(code: str, media: str, written: _Written) -> PublishedFile:
    return PublishedFile(
        dataset=code,
        name=f"{code}.{media}",
        sha256=written.sha256,
        size_bytes=written.size_bytes,
        rows=written.rows,
    )


def dataset_export(folder: Path) -> list[PublishedFile]:
    """Write every dataset in every format and the data dictionary into a folder, from what is public now.

    Notes
    -----
    Reads only what anyone may see, so it asks no permission and leaves no publication behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for code in DATASETS:
        for media in WRITERS:
            with dataset_written(code, media, folder) as written:
                written.path.replace(folder / f"{code}.{media}")
                files.append(_listed(code, media, written))
    (folder / f"{DICTIONARY}.json").write_bytes(dictionary_json(files))
    (folder / f"{DICTIONARY}.html").write_bytes(dictionary_html(files))
    return files


@contextmanager
def dataset_written(code: str, media: str, folder: Path) -> Iterator[_Written]:
    """Write a dataset to a file that vanishes at the end unless it was moved.

    Raises
    ------
    NotFound
        If there is no such dataset or format.
    """
    if code not in DATASETS or media not in WRITERS:
        message = _("There is no such dataset.")
        raise NotFound(EvidenceCode.DATASET_UNKNOWN, message, {"dataset": code, "format": media})
    writer, _media_type = WRITERS[media]
    with _written(folder, lambda file: writer(file, DATASETS[code], DATASET_ROWS[code]())) as written:
        yield written


@contextmanager
def _written(folder: Path, write: Callable[[IO[bytes]], int]) -> Iterator[_Written]:
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".partial-")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            rows = write(file)
            file.flush()
            os.fsync(file.fileno())
        path.chmod(0o644)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield _Written(path=path, sha256=digest, size_bytes=path.stat().st_size, rows=rows)
    finally:
        path.unlink(missing_ok=True)
