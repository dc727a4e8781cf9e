"""The claims ledger: what the news said, each claim with the question that tests it, and the verdict of a run."""

from detente.questions.claims.answers import Answered, answer
from detente.questions.claims.ledger import Claim, Ledger, ledger
from detente.questions.claims.saved import read, save
from detente.questions.claims.table import document, frame

__all__ = ["Answered", "Claim", "Ledger", "answer", "document", "frame", "ledger", "read", "save"]
