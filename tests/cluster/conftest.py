"""One cluster for all tests of a module, for it takes seconds to start."""

from __future__ import annotations

import pytest
from tests.cluster.dask_cluster import cluster


@pytest.fixture(scope="session")
def workers(tmp_path_factory):
    """A scheduler and two workers."""
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made
