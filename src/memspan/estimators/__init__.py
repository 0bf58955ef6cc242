"""Our models in the forms of other libraries: a classifier of scikit-learn."""

from memspan.estimators.sequence_classifier import SequenceClassifier as SequenceClassifier

__all__ = ["SequenceClassifier"]
