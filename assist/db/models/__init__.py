"""Every table. Import `Base` from here to see them all."""

from assist.db.models.accounts import ApiKey, User, UserSession, WebSocketTicket
from assist.db.models.base import Base
from assist.db.models.calls import CallEvent, CallSession, CallTurn, Deployment, Participant, TranscriptionSegment
from assist.db.models.help_requests import HelpRequest
from assist.db.models.knowledge import KnowledgeArticle, KnowledgeArticleVersion, KnowledgePassage
from assist.db.models.suggestions import (
    AgentAction,
    ClarifyingQuestion,
    ModelCall,
    Suggestion,
    SuggestionFeedback,
)

__all__ = [
    "AgentAction",
    "ApiKey",
    "Base",
    "CallEvent",
    "CallSession",
    "CallTurn",
    "ClarifyingQuestion",
    "Deployment",
    "HelpRequest",
    "KnowledgeArticle",
    "KnowledgeArticleVersion",
    "KnowledgePassage",
    "ModelCall",
    "Participant",
    "Suggestion",
    "SuggestionFeedback",
    "TranscriptionSegment",
    "User",
    "UserSession",
    "WebSocketTicket",
]
