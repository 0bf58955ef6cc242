"""Runs kept safe: one SQLite file that many read while one writes, and that a killed process leaves whole."""

from memspan.store.environment import Environment as Environment
from memspan.store.environment import this_environment as this_environment
from memspan.store.export import to_pandas as to_pandas
from memspan.store.export import to_polars as to_polars
from memspan.store.export import write_csv as write_csv
from memspan.store.export import write_json_lines as write_json_lines
from memspan.store.export import write_parquet as write_parquet
from memspan.store.failure import StoreError as StoreError
from memspan.store.run import StoredRun as StoredRun
from memspan.store.specs import StoredSpec as StoredSpec
from memspan.store.store import Store as Store
from memspan.store.table import Table as Table
from memspan.store.table import table as table
from memspan.store.tensors import Tensors as Tensors
from memspan.store.writer import Added as Added
from memspan.store.writer import Writer as Writer

__all__ = [
    "Added",
    "Environment",
    "Store",
    "StoreError",
    "StoredRun",
    "StoredSpec",
    "Table",
    "Tensors",
    "Writer",
    "table",
    "this_environment",
    "to_pandas",
    "to_polars",
    "write_csv",
    "write_json_lines",
    "write_parquet",
]
