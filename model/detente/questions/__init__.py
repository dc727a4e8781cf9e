"""Probability questions to a finished run, such as ``P(TTF < 25 at 2027-12 | ceasefire before 2027-07)``.

The language is described in docs/questions.md.
"""

from detente.questions.ask import Answer, Asker, ask
from detente.questions.errors import QuestionError
from detente.questions.form import check_form
from detente.questions.names import Names, names
from detente.questions.parser import parse, parse_condition

__all__ = ["Answer", "Asker", "Names", "QuestionError", "ask", "check_form", "names", "parse", "parse_condition"]
