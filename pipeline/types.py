"""The values that flow through the pipeline. Each stage's value holds the one before it.

Segment → Turn → Context → Query → Evidence → Draft → Outcome
"""

from datetime import datetime
from enum import Enum
from uuid import UUID

from msgspec import Struct


class Speaker(Enum):
    """Who said it."""

    CUSTOMER = "customer"
    AGENT = "agent"


class Segment(Struct, frozen=True, kw_only=True):
    """One final piece of transcript of one speaker."""

    id: str
    """Unique within the call; the provider's id where it has one."""
    number: int
    """Order of arrival within the call, from 1, without gaps."""
    speaker: Speaker
    text: str
    start_s: float
    """Seconds from the start of the call."""
    end_s: float
    confidence: float | None = None
    """[0, 1] as the recogniser gave it; None for typed text."""
    language: str | None = None
    """BCP 47 tag, None when unknown."""


class Scope(Struct, frozen=True, kw_only=True):
    """Which knowledge a call may see. Every given field narrows the search."""

    language: str | None = None
    tags: tuple[str, ...] = ()
    """A passage must carry at least one of these tags; empty means any."""
    audience: tuple[str, ...] = ()
    """A passage's audience must be one of these; empty means any."""
    at: datetime | None = None
    """A passage must be valid at this moment; None: whatever its dates."""


class History(Struct, frozen=True, kw_only=True):
    """What the call has already been given, so that nothing is repeated."""

    queries: tuple[str, ...] = ()
    """Texts of the queries helped with so far, oldest first."""
    shown_passages: frozenset[UUID] = frozenset()
    """Passages cited by suggestions that are still on the agent's screen, or that the agent has put away."""
    given_articles: frozenset[UUID] = frozenset()
    """Articles cited by any suggestion of this call so far, on the screen or not."""
    questions: tuple[str, ...] = ()
    """Texts of the clarifying questions proposed so far in this call."""
    dismissed_subjects: frozenset[str] = frozenset()
    """Names of subjects that the agent has taken off the desk; they count no more in this call."""


class Turn(Struct, frozen=True, kw_only=True):
    """The unit of work: the call so far, and the segments that nobody has analysed yet."""

    call_id: UUID
    number: int
    """Counts up within the call, from 1."""
    transcript: tuple[Segment, ...]
    """Every segment so far, by start time; includes the new ones."""
    new: tuple[Segment, ...]
    """Segments that this turn is about, by start time; never empty."""
    scope: Scope = Scope()
    history: History = History()


class Entity(Struct, frozen=True, kw_only=True):
    """A thing named in the call."""

    type: str
    """error_code, product, version, order_number, ticket_number, amount, date, phone or email."""
    value: str
    """Normalised: "401", "2.5", "mobile app", "49.99 USD", "+15551234567"."""


class Subject(Struct, frozen=True, kw_only=True):
    """Something that articles are about, mentioned in the call by either speaker."""

    name: str
    """As the knowledge base writes it; equals one of `Passage.subjects`."""
    kind: str
    """The metadata field that named it: product, place, plan, version, brand, …"""
    salience: float
    """(0, 1]: how likely the customer's question is about it."""


class Context(Struct, frozen=True, kw_only=True):
    """What the call is about, and whether the customer wants to know something."""

    turn: Turn
    focus: str
    """The customer's utterance that is to be answered, as said; empty when there is none."""
    seeking: bool
    """The customer asks for knowledge or reports a problem in the new segments."""
    detected_issue: str | None
    """One short line naming the problem or wish, None while nothing is asked."""
    entities: tuple[Entity, ...] = ()
    """Over the whole call, most recently mentioned first, without repeats."""
    sufficient: bool = False
    """Enough is known to search for an answer."""
    missing: tuple[str, ...] = ()
    """Names of the details that would make it answerable, most useful first ("error_message", "product")."""
    topic: str = ""
    """What both speakers were talking about when the focus was said; resolves its "it" and "that"."""
    agent_said: str = ""
    """The agent's last telling utterance before the focus, as said; what a "that" may also point to."""
    details: tuple[str, ...] = ()
    """What the customer added to the focus in later answers, oldest first, as said."""
    subjects: tuple[Subject, ...] = ()
    """What the question may be about, most salient first; without those that the agent has dismissed."""
    unnamed: float = 0.0
    """[0, 1]: how likely the question is about articles that name no subject."""
    unmentioned: float = 0.0
    """[0, 1]: how likely it is about a certain one of the subjects that nobody has mentioned; more than that while none
    was mentioned at all."""
    guided: bool = False
    """The subjects tell articles apart: at least half of the knowledge base names one."""
    language: str = "en"
    """BCP 47 tag of what the customer speaks."""
    confidence: float = 0.0
    """[0, 1]: how sure `seeking` and `sufficient` are."""


class QueryKind(Enum):
    """How a query was formulated."""

    ENTITY = "entity"
    SEMANTIC = "semantic"
    CONVERSATION = "conversation"
    AGENT = "agent"
    """What the agent said last: it tells which articles the talk is at, not what is asked."""
    MANUAL = "manual"


class Formulation(Struct, frozen=True, kw_only=True):
    """One way of asking the index."""

    kind: QueryKind
    text: str
    weight: float = 1.0
    """Relative say of its vector in what is searched, > 0."""


class Query(Struct, frozen=True, kw_only=True):
    """A need for knowledge that stands alone: pronouns resolved, topic carried over."""

    context: Context
    text: str
    """What is shown to the agent as the question being answered."""
    formulations: tuple[Formulation, ...]
    """One to four, what was asked first. An entity formulation is searched by words only."""


class Passage(Struct, frozen=True, kw_only=True):
    """A citable piece of one version of an article; what the index holds."""

    id: UUID
    article_id: UUID
    version: int
    title: str
    """Of the article."""
    heading: str | None = None
    """Path of the headings above the passage inside the article, "Refunds > Timing"."""
    text: str
    """Exactly `body[start:end]` of the article's version."""
    start: int
    """Character offset in the article's body."""
    end: int
    url: str | None = None
    tags: tuple[str, ...] = ()
    audience: str = "everyone"
    language: str = "en"
    subjects: tuple[str, ...] = ()
    """Names of what the article is about, from its metadata; empty: nothing in particular."""
    page: int | None = None
    """Of the printed original, from 1; None where it has no pages."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """The first moment at which it no longer holds; None: without end."""
    updated_at: datetime | None = None
    is_answer: bool = False
    """A person wrote it to answer the question in its title; its vector holds that question in every wording known."""


class Hit(Struct, frozen=True, kw_only=True):
    """A passage found."""

    passage: Passage
    score: float
    """Fused score; comparable only within one Evidence."""
    similarity: float
    """Cosine of the query to the passage, [-1, 1]; 0.0 when only words matched."""
    lexical: float
    """BM25 score as a share of the best possible one, [0, 1]; 0.0 when no word matched."""


class Evidence(Struct, frozen=True, kw_only=True):
    """What the index knows about a query."""

    query: Query
    hits: tuple[Hit, ...]
    """Best first; may be empty."""


class Citation(Struct, frozen=True, kw_only=True):
    """Where a sentence stands."""

    passage: Passage
    quote: str
    """Exactly `body[start:end]` of the article's version."""
    start: int
    """Character offset in the article's body."""
    end: int


class Answer(Struct, frozen=True, kw_only=True):
    """One suggestion for the agent."""

    title: str
    text: str
    """Starts with the answer itself; every sentence stands in a citation."""
    citations: tuple[Citation, ...]
    """At least one."""
    confidence: float
    """Calibrated probability [0, 1] that it answers the query."""


class Draft(Struct, frozen=True, kw_only=True):
    """What can be said from the evidence."""

    evidence: Evidence
    answers: tuple[Answer, ...]
    """Best first, only those above the threshold; empty means: no answer."""
    confidence: float
    """Of the best candidate, also when it stayed below the threshold; 0.0 without any."""


class Question(Struct, frozen=True, kw_only=True):
    """A question that the agent may ask the customer."""

    text: str
    purpose: str
    """The detail it asks for: "error_message", "product", "version", …"""
    priority: int
    """1 is the most useful."""


class OutcomeKind(Enum):
    """How help with a query ended."""

    ANSWERED = "answered"
    CLARIFY = "clarify"
    NO_ANSWER = "no_answer"


class Outcome(Struct, frozen=True, kw_only=True):
    """The end of a query: answers, questions, or the honest word that nothing is known."""

    draft: Draft
    kind: OutcomeKind
    questions: tuple[Question, ...] = ()
