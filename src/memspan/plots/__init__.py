"""Pictures: facts(...) turns results into plain data, draw(facts) turns these into a Vega-Lite spec."""

from memspan.plots import against_target as against_target
from memspan.plots import cell_state as cell_state
from memspan.plots import credit as credit
from memspan.plots import demo_page as demo_page
from memspan.plots import differences as differences
from memspan.plots import gate_activity as gate_activity
from memspan.plots import loss_curves as loss_curves
from memspan.plots import pareto_front as pareto_front
from memspan.plots import readout_over_time as readout_over_time
from memspan.plots import score_by_lag as score_by_lag
from memspan.plots import search_course as search_course
from memspan.plots import state_steps as state_steps
from memspan.plots import success as success
from memspan.plots import success_by_lag as success_by_lag
from memspan.plots import survival as survival
from memspan.plots import swap as swap
from memspan.plots import text as text
from memspan.plots.picture import Picture as Picture
from memspan.plots.save import check_target as check_target
from memspan.plots.save import save as save

__all__ = [
    "Picture",
    "against_target",
    "cell_state",
    "check_target",
    "credit",
    "demo_page",
    "differences",
    "gate_activity",
    "loss_curves",
    "pareto_front",
    "readout_over_time",
    "save",
    "score_by_lag",
    "search_course",
    "state_steps",
    "success",
    "success_by_lag",
    "survival",
    "swap",
    "text",
]
