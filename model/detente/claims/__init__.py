"""The claims ledger: what the news said, each claim with the question that tests it, and the verdict of a run."""

from detente.claims.answering import Answered, answer
from detente.claims.ledger import Claim, Ledger, ledger
from detente.claims.saved import read, save
from detente.claims.table import document, frame

__all__ = ["Answered", "Claim", "Ledger", "answer", "document", "frame", "ledger", "read", "save"]
