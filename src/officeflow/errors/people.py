"""Errors of what people are asked."""

from __future__ import annotations

import datetime as dt

from officeflow.errors.base import InvalidInput, OfficeFlowError


class NotApproved(OfficeFlowError):
    code = "not_approved"


class AnswersDoNotFit(InvalidInput):
    """`problems` name the fields, `form.<name>`, and never quote what was filled in."""

    code = "answers_do_not_fit"


class InvalidDelegation(InvalidInput):
    code = "invalid_delegation"


class AnswerRefused(OfficeFlowError):
    """Nothing was changed. The message says why, to who answered."""

    code = "answer_refused"


class NotAsked(AnswerRefused):
    code = "not_asked"


class ConcernedPerson(AnswerRefused):
    code = "concerned_person"


class StarterMayNot(AnswerRefused):
    code = "starter_may_not"


class AlreadyAnswered(AnswerRefused):
    """`by` says who has answered, for people; `at` when."""

    code = "already_answered"

    def __init__(self, message: str, *, by: str, at: dt.datetime | None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.by, self.at = by, at


class PastDeadline(AnswerRefused):
    code = "past_deadline"


class UnknownChoice(AnswerRefused):
    code = "unknown_choice"


class ReasonMissing(AnswerRefused):
    code = "reason_missing"


class RequestWithdrawn(AnswerRefused):
    code = "request_withdrawn"
