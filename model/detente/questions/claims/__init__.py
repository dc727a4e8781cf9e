"""Claims of the news: the ledger, the question that tests each claim, and the verdict of a run."""

from detente.questions.claims.ledger import Claim, Ledger, ledger
from detente.questions.claims.table import document, frame, read, save
from detente.questions.claims.verdicts import AnsweredClaim, answer

__all__ = ["AnsweredClaim", "Claim", "Ledger", "answer", "document", "frame", "ledger", "read", "save"]
