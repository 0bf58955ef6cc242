"""What all tests of malformed inputs ask for: one sentence, word for word."""

from __future__ import annotations

import re

from memspan.data.read import stream_sequences


def assert_sentence(sentence, error, path):
    said = str(error.value).replace(str(path), "{}") if path else str(error.value)
    assert "\n" not in said
    if isinstance(sentence, re.Pattern):
        assert sentence.fullmatch(said), said
    else:
        assert said == sentence


def read_all(source, **options):
    return list(stream_sequences(source, **options))
