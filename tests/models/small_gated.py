"""Small instances of one family of models: name -> model."""

from __future__ import annotations

from memspan.models import LSTM, MLP, Stack

MODELS = {
    "memoryless mlp": MLP(units=3),
    "windowed mlp": MLP(units=3, window=3),
    "lstm": LSTM(units=3),
    "lstm, hard sigmoid": LSTM(units=3, gate="hard_sigmoid"),
    "lstm, chrono": LSTM(units=3, chrono=10),
    "stack": Stack((LSTM(units=2), LSTM(units=3))),
}
