"""Stage 1: what the call is about, and whether the customer has just asked for knowledge."""

from dataclasses import dataclass, field

from pipeline.dialogue import utterances
from pipeline.entities import EntityFinder
from pipeline.lexicon import Lexicon
from pipeline.needs import Need, latest_need, missing_details, open_need
from pipeline.speech_acts import RuleSpeechActs, SpeechActs
from pipeline.topics import latest_from_agent, topic_of
from pipeline.types import Context, Turn
from pipeline.words import plain

_ISSUE_CHARS = 120
_QUIET_CONFIDENCE = 0.9


@dataclass(frozen=True, kw_only=True)
class ContextAnalyzer:
    """Reads the talk of both speakers. Keeps nothing between turns but bounded caches of single texts."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    acts: SpeechActs = field(default_factory=RuleSpeechActs)

    async def __call__(self, given: Turn) -> Context:
        """Never fails, whatever the text."""
        finder = EntityFinder(lexicon=self.lexicon)
        entities = finder.in_call(given.transcript)
        spoken = utterances(given.transcript, given.new, self.acts)
        need = latest_need(spoken, finder)
        if need is None:
            pending = open_need(spoken, len(spoken))
            issue = _issue(pending) if pending else None
            return Context(
                turn=given,
                focus="",
                seeking=False,
                detected_issue=issue,
                entities=entities,
                confidence=_QUIET_CONFIDENCE,
            )
        topic = topic_of(spoken, need.place)
        missing = missing_details(need, topic, entities)
        return Context(
            turn=given,
            focus=need.focus,
            seeking=True,
            detected_issue=_issue(need),
            entities=entities,
            sufficient=not missing,
            missing=missing,
            topic=topic,
            agent_said=latest_from_agent(spoken, need.place),
            details=need.details,
            confidence=need.confidence,
        )


def _issue(need: Need) -> str:
    line = plain(need.focus)
    if len(line) <= _ISSUE_CHARS:
        return line
    return line[:_ISSUE_CHARS].rsplit(" ", 1)[0] + "…"
