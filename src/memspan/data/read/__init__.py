"""Reading a person's own sequences from files, frames, arrays and iterables (NumPy; frames by choice)."""

from memspan.data.read.bins import Bins as Bins
from memspan.data.read.report import ReadReport as ReadReport
from memspan.data.read.sequences import SequenceData as SequenceData
from memspan.data.read.sequences import SequenceStream as SequenceStream
from memspan.data.read.sequences import read_sequences as read_sequences
from memspan.data.read.sequences import stream_sequences as stream_sequences

__all__ = ["Bins", "ReadReport", "SequenceData", "SequenceStream", "read_sequences", "stream_sequences"]
