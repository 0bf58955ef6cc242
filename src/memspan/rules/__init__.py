"""Learning rules: how the error of a step reaches the weights that caused it."""

from memspan.rules.bptt import BPTT as BPTT
from memspan.rules.online import Online as Online
from memspan.rules.rtrl import RTRL as RTRL

__all__ = ["BPTT", "RTRL", "Online"]
