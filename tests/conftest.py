"""What every test stands on."""

import os
import tempfile
from pathlib import Path

import pytest

# Before Django reads its settings: a data directory of this run's own.
os.environ.setdefault("MADANG_DATA", tempfile.mkdtemp(prefix="madang-test-"))

from madang.yard.audit.authority import Actor, Role  # the environment comes first


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Return the folder of reference data that others published, or skip where it is absent."""
    folder = Path(os.environ.get("MADANG_REFERENCE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("reference data is not here; set MADANG_REFERENCE_DATA to its folder")
    return folder


@pytest.fixture
def administrator() -> Actor:
    """Return an administrator of the district 29140."""
    return Actor(role=Role.ADMINISTRATOR, place="29140", user="administrator")
