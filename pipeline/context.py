"""Stage 1: what the call is about, and whether the customer has just asked for knowledge."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from pipeline.dialogue import Utterance, utterances
from pipeline.entities import EntityFinder
from pipeline.languages import ENGLISH, primary
from pipeline.lexicon import Lexicon
from pipeline.needs import Need, latest_need, missing_details, open_need
from pipeline.ports import NameMatcher
from pipeline.speech_acts import RuleSpeechActs, SpeechActs
from pipeline.speech_languages import acts_in
from pipeline.spoken_language import language_of_call
from pipeline.subjects import Focus, SubjectTracker
from pipeline.topics import latest_from_agent, topic_of
from pipeline.turn_judge import TurnJudge
from pipeline.types import Context, Speaker, Turn
from pipeline.words import plain

_ISSUE_CHARS = 120
_QUIET_CONFIDENCE = 0.9
_GUIDING_SHARE = 0.5
"""Of the articles; where fewer name a subject, it says too little about the others."""


@dataclass(frozen=True, kw_only=True)
class ContextAnalyzer:
    """Reads the talk of both speakers. Keeps nothing between turns but bounded caches of single texts."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    acts: SpeechActs = field(default_factory=RuleSpeechActs)
    subjects: SubjectTracker = field(default_factory=SubjectTracker)
    judge: TurnJudge | None = None
    """None: the rules alone tell what seeks knowledge. Asked in English only, which it was trained on."""

    @property
    def _matcher(self) -> NameMatcher | None:
        return self.subjects.matcher if self.subjects.lore.subjects else None

    def _unmentioned(self, about: Focus) -> float:
        """While nothing is named any subject may stand for the one that is meant, and asking tells which: they must
        not all fall behind the articles about none."""
        count = len(self.subjects.lore.subjects)
        return about.other / max(1.0, count if about.subjects else math.sqrt(count))

    @property
    def _is_guided(self) -> bool:
        return self.subjects.lore.share_named >= _GUIDING_SHARE

    async def __call__(self, given: Turn) -> Context:
        """Never fails, whatever the text.

        Raises:
            UpstreamError: the embedder or the index, which the judge needs, failed.
        """
        language = language_of_call(given.transcript)
        said = utterances(given.transcript, given.new, acts_in(language, self.acts))
        spoken = said
        if self.judge is not None and primary(language) == ENGLISH:
            spoken = await self.judge(said, given.scope)
        finder = EntityFinder(lexicon=self.lexicon, matcher=self._matcher)
        need = latest_need(spoken, finder)
        place = need.place if need else len(spoken) - 1
        about = self.subjects.focus(spoken, given.history.dismissed_subjects)
        context = Context(
            turn=given,
            focus="",
            seeking=False,
            detected_issue=None,
            entities=finder.in_call(given.transcript),
            subjects=about.subjects,
            unnamed=about.unnamed,
            unmentioned=self._unmentioned(about),
            guided=self._is_guided,
            language=language,
            topic=topic_of(said, place),
            agent_said=latest_from_agent(spoken, place),
            confidence=_QUIET_CONFIDENCE,
        )
        return _seeking(context, need) if need else _quiet(context, spoken)


def as_seeking(context: Context) -> Context:
    """The same, taken to ask what the customer said last; for whoever knows better that it is a question."""
    if context.seeking:
        return context
    said = [segment.text for segment in context.turn.transcript if segment.speaker is Speaker.CUSTOMER]
    focus = said[-1] if said else ""
    return msgspec.structs.replace(context, focus=focus, seeking=True, sufficient=True, detected_issue=plain(focus))


def _seeking(context: Context, need: Need) -> Context:
    missing = missing_details(need, context.topic, context.entities, context.language)
    return msgspec.structs.replace(
        context,
        focus=need.focus,
        seeking=True,
        detected_issue=_issue(need),
        sufficient=not missing,
        missing=missing,
        details=need.details,
        confidence=need.confidence,
    )


def _quiet(context: Context, spoken: Sequence[Utterance]) -> Context:
    pending = open_need(spoken, len(spoken))
    return msgspec.structs.replace(context, detected_issue=_issue(pending)) if pending else context


def _issue(need: Need) -> str:
    line = plain(need.focus)
    if len(line) <= _ISSUE_CHARS:
        return line
    return line[:_ISSUE_CHARS].rsplit(" ", 1)[0] + "…"
