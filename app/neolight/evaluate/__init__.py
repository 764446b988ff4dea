"""How good retrieval and answers are on questions whose right documents and answers are known."""

from __future__ import annotations

from neolight.evaluate.datasets import Question, read_corpus, read_questions, workspace_of
from neolight.evaluate.report import Report
from neolight.evaluate.run import Plan, evaluate

__all__ = ["Plan", "Question", "Report", "evaluate", "read_corpus", "read_questions", "workspace_of"]
