"""Representation: alphabets, one-hot vectors, pairs, padded sequences and numeric series (NumPy only)."""

from memspan.data.alphabet import Alphabet as Alphabet
from memspan.data.onehot import decode as decode
from memspan.data.onehot import encode as encode
from memspan.data.onehot import one_hot as one_hot
from memspan.data.padded_dataset import PaddedDataset as PaddedDataset
from memspan.data.padded_dataset import to_padded_dataset as to_padded_dataset
from memspan.data.pairs import to_lstm_dataset as to_lstm_dataset
from memspan.data.pairs import to_xy_pairs as to_xy_pairs
from memspan.data.ragged import Padded as Padded
from memspan.data.ragged import pad as pad
from memspan.data.read import Bins as Bins
from memspan.data.read import ReadReport as ReadReport
from memspan.data.read import SequenceData as SequenceData
from memspan.data.read import SequenceStream as SequenceStream
from memspan.data.read import read_sequences as read_sequences
from memspan.data.read import stream_sequences as stream_sequences
from memspan.data.stateful import from_stateful_batches as from_stateful_batches
from memspan.data.stateful import to_stateful_batches as to_stateful_batches
from memspan.data.supervised import to_supervised as to_supervised
from memspan.data.table import to_series as to_series

__all__ = [
    "Alphabet",
    "Bins",
    "Padded",
    "PaddedDataset",
    "ReadReport",
    "SequenceData",
    "SequenceStream",
    "decode",
    "encode",
    "from_stateful_batches",
    "one_hot",
    "pad",
    "read_sequences",
    "stream_sequences",
    "to_lstm_dataset",
    "to_padded_dataset",
    "to_series",
    "to_stateful_batches",
    "to_supervised",
    "to_xy_pairs",
]
