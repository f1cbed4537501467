"""Every table. Import `Base` from here to see them all."""

from assist.db.models.accounts import ApiKey, User, UserSession, WebSocketTicket
from assist.db.models.base import Base
from assist.db.models.calls import CallEvent, CallSession, CallTurn, Deployment, Participant, TranscriptionSegment
from assist.db.models.help_requests import FollowUp, HelpRequest, HelpRequestEvent, HelpRequestTimer
from assist.db.models.knowledge import KnowledgeArticle, KnowledgeArticleVersion, KnowledgeDraft, KnowledgePassage
from assist.db.models.notifications import Notification, NotificationAttempt, NotificationPreference
from assist.db.models.suggestions import (
    AgentAction,
    ClarifyingQuestion,
    ModelCall,
    Suggestion,
    SuggestionFeedback,
)
from assist.db.models.supervision import AuditEntry, EscalationPolicy, SupervisorProfile
from assist.db.models.voice import CallBack, LiveKitEvent, TranscriptGap, VoiceRoom

__all__ = [
    "AgentAction",
    "ApiKey",
    "AuditEntry",
    "Base",
    "CallBack",
    "CallEvent",
    "CallSession",
    "CallTurn",
    "ClarifyingQuestion",
    "Deployment",
    "EscalationPolicy",
    "FollowUp",
    "HelpRequest",
    "HelpRequestEvent",
    "HelpRequestTimer",
    "KnowledgeArticle",
    "KnowledgeArticleVersion",
    "KnowledgeDraft",
    "KnowledgePassage",
    "LiveKitEvent",
    "ModelCall",
    "Notification",
    "NotificationAttempt",
    "NotificationPreference",
    "Participant",
    "Suggestion",
    "SuggestionFeedback",
    "SupervisorProfile",
    "TranscriptGap",
    "TranscriptionSegment",
    "User",
    "UserSession",
    "VoiceRoom",
    "WebSocketTicket",
]
