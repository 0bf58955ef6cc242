"""Learning rules: how the error of a step reaches the weights that caused it."""

from memspan.rules.bptt import BPTT as BPTT
from memspan.rules.online import Online as Online
from memspan.rules.rtrl import RTRL as RTRL
from memspan.rules.snap import SnAp as SnAp
from memspan.rules.truncated_1997 import Truncated1997 as Truncated1997
from memspan.rules.truncated_bptt import TruncatedBPTT as TruncatedBPTT

__all__ = ["BPTT", "RTRL", "Online", "SnAp", "Truncated1997", "TruncatedBPTT"]
