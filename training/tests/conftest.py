"""Options and fixtures of the tests. Without a data set, the tests that need one are skipped."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--data", default=os.environ.get("TELLSCOPE_DATA"), help="folder of the data set")


@pytest.fixture(scope="session")
def data(request: pytest.FixtureRequest) -> Path:
    """The data set, or a skip."""
    value = request.config.getoption("--data")
    if not value:
        pytest.skip("no data set: give --data DIR or set TELLSCOPE_DATA")
    return Path(value)


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The shipped model."""
    folder = ROOT.parent / "public" / "models" / "tracenet"
    if not (folder / "model.json").exists():
        pytest.skip("no exported model in public/models/tracenet")
    return folder
