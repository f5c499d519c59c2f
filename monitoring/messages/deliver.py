"""Sends what is queued: claim, ask again, write, fence, send outside any transaction, record.

The guarantee: no letter is lost, for a row leaves the queue only to an end with a reason. An extra copy goes out only
where a worker died after the fence, hung beyond its lease, or lost the mail server's answer after the content was
handed over; the letter is then sent once more at most, with the same Message-ID, and after that a person decides.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom
from time import monotonic
from uuid import UUID

from monitoring.leases import Cause, State, new_token
from monitoring.messages import letters
from monitoring.messages.hours import clinics_writing
from monitoring.messages.journal import Journal
from monitoring.messages.post import Answer, Post, Unreachable, Verdict
from monitoring.messages.truth import Truth, ask_again
from monitoring.messages.turn import turn
from monitoring.models import Heartbeat, Message
from patients.services import note_refused_address

log = logging.getLogger(__name__)

# No letter is begun later than this in a run, so that a worker that is asked to stop has 30 s at hand.
BUDGET = timedelta(seconds=25)

# An answer about a patient is good for so long; after that it is asked again before a letter is begun.
TRUTH_KEEPS = timedelta(seconds=2)

# Waits between attempts double from the first to the longest: fifteen attempts take about three days.
FIRST_WAIT = {Verdict.LATER: timedelta(minutes=5), Verdict.DOUBT: timedelta(minutes=15)}
LONGEST_WAIT = timedelta(hours=8)
ATTEMPTS = 15
_dice = SystemRandom()


def deliver(*, now: datetime, budget: timedelta = BUDGET) -> int:
    """Send what is ready, a batch at a time, until nothing is or the budget is used; give how many letters left."""
    with turn() as ours:
        return _Round(now, budget).run() if ours else 0


@dataclass
class _Round:
    """One run of one deliverer: the letters it claims are held under one token."""

    now: datetime
    budget: timedelta

    def __post_init__(self) -> None:
        self.token: UUID = new_token()
        self.ends = monotonic() + self.budget.total_seconds()
        self.sent = 0

    def run(self) -> int:
        """Take up what the dead left, send what is ready, and leave a heartbeat with the trouble met."""
        Message.objects.take_up_abandoned(self.now)
        clinics, trouble = clinics_writing(self.now), ""
        if Message.objects.ready(self.now, clinics).exists():
            try:
                with Journal() as journal, Post() as post:
                    self._empty_the_queue(clinics, post, journal)
            except Unreachable as error:
                trouble = f"The mail server cannot be reached: {error}"
            except OSError as error:
                trouble = f"The journal of sent letters cannot be written: {type(error).__name__}"
        if trouble:
            log.error(trouble)
        Heartbeat.objects.beat(Heartbeat.Name.DELIVER, trouble)
        return self.sent

    def _empty_the_queue(self, clinics: list[int], post: Post, journal: Journal) -> None:
        while monotonic() < self.ends and (batch := Message.objects.claim(self.now, clinics, self.token)):
            try:
                self._send_batch(batch, post, journal)
            finally:
                Message.objects.release(self.token)

    def _send_batch(self, batch: list[list[Message]], post: Post, journal: Journal) -> None:
        """Ask about the whole batch at once, and again whenever the answers have grown old."""
        truths, good_until = {}, 0.0
        while batch and monotonic() < self.ends:
            if monotonic() >= good_until:
                truths = ask_again((message for letter in batch for message in letter), self.now)
                good_until = monotonic() + TRUTH_KEEPS.total_seconds()
            self._deliver(batch.pop(0), truths, post, journal)

    def _deliver(self, letter: list[Message], truths: dict[int, Truth], post: Post, journal: Journal) -> None:
        """Three questions, then one letter: is it true, is it wanted, is it ours?"""
        messages = self._speaking(letter, truths)
        if not messages:
            return
        Message.objects.carry(messages)
        try:
            email = letters.write(messages, [truths[message.pk] for message in messages])
        except letters.NotNeutral as error:
            log.error("message %s was not sent: %s", messages[0].pk, error)
            self._end(messages, State.FAILED, Cause.NOT_NEUTRAL, str(error))
        except Exception:  # one letter that cannot be written must not keep the others
            log.exception("message %s could not be written", messages[0].pk)
            self._put_off(messages, Answer(Verdict.LATER, "The letter could not be written."))
        else:
            post.open()
            if Message.objects.fence(messages, self.token):
                self._record(messages, email, post.send(email), journal)

    def _speaking(self, letter: list[Message], truths: dict[int, Truth]) -> list[Message]:
        """Let fall silent what is not true or not wanted any more; give the rest."""
        for message in letter:
            truth = truths[message.pk]
            if truth.cause == Cause.TOO_LATE and message.attempts:
                self._end([message], State.FAILED, truth.cause, f"{truth.reason}: {message.reason}")
            elif truth.cause:
                self._end([message], State.SUPPRESSED, truth.cause, truth.reason)
        return [message for message in letter if not truths[message.pk].cause]

    def _record(self, messages: list[Message], email, answer: Answer, journal: Journal) -> None:
        """Write down what became of a letter that was handed over."""
        if answer.verdict is Verdict.TAKEN:
            self._note(messages, journal)
            Message.objects.settle(
                messages, self.token, State.SENT, ended_at=self.now, sent_to=email.to[0], reason=""
            )
            self.sent += 1
        elif answer.verdict is Verdict.ADDRESS:
            note_refused_address(patient_id=messages[0].patient_id, address=email.to[0], at=self.now)
            self._end(messages, State.SUPPRESSED, Cause.ADDRESS_REFUSED, answer.text)
        elif answer.verdict is Verdict.CONTENT:
            log.error("message %s: the mail server refused the letter itself", messages[0].pk)
            self._end(messages, State.FAILED, Cause.REFUSED_CONTENT, answer.text)
        elif answer.verdict is Verdict.DOUBT and messages[0].doubts:
            self._end(messages, State.IN_DOUBT, Cause.LOST_ANSWER, answer.text)
        else:
            self._put_off(messages, answer)

    def _note(self, messages: list[Message], journal: Journal) -> None:
        """Add the letter to the journal; it has left, so a full disk must not make it leave again."""
        try:
            journal.note(
                self.now, [letters.digest(message) for message in messages], letters.message_id(messages[0])
            )
        except OSError:
            log.critical("message %s was sent and is missing in the journal", messages[0].pk)

    def _put_off(self, messages: list[Message], answer: Answer) -> None:
        """Try again later; after the last attempt the letter has failed and somebody phones."""
        attempts = max(message.attempts for message in messages) + 1
        if attempts >= ATTEMPTS:
            self._end(messages, State.FAILED, Cause.GAVE_UP, answer.text)
            return
        columns = {"doubts": 1} if answer.verdict is Verdict.DOUBT else {}
        ready_at = self.now + wait(answer.verdict, attempts)
        Message.objects.settle(
            messages,
            self.token,
            State.QUEUED,
            ready_at=ready_at,
            attempts=attempts,
            reason=answer.text,
            **columns,
        )

    def _end(self, messages: list[Message], state: State, cause: str, words: str) -> None:
        reason = words or str(Cause(cause).label)
        Message.objects.settle(
            messages, self.token, state, cause=cause, reason=reason[:300], ended_at=self.now
        )


def wait(verdict: Verdict, attempts: int) -> timedelta:
    """Give how long to wait after so many attempts: doubling, with a quarter of chance so that nobody comes in step."""
    doubled = min(FIRST_WAIT[verdict] * 2 ** (attempts - 1), LONGEST_WAIT)
    return doubled * _dice.uniform(0.75, 1.25)
