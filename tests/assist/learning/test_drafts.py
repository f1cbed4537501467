"""From a supervisor's answer to knowledge: drafts, who may approve, and what becomes of them."""

import asyncio
from uuid import uuid4

import pytest

from assist.access import KeyScope, Machine, Role
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.escalation.policy import Policy
from assist.learning.article_text import ArticleText
from assist.learning.views import DraftChange, DraftDecision
from tests.assist.learning.conftest import Desk, person

pytestmark = pytest.mark.db

QUESTION = "um hi, can I pay with bitcoin"
ANSWER = "We do not take cryptocurrency."


async def test_an_answer_becomes_a_draft_with_the_question_in_words_that_stand_alone(desk: Desk) -> None:
    request_id = await desk.request(QUESTION, ANSWER, tags=["billing"])
    draft = await desk.take(request_id)

    assert draft is not None
    assert (draft.title, draft.body, draft.tags) == ("Can I pay with bitcoin?", ANSWER, ["billing"])
    assert (draft.state, draft.author_name, draft.request_id) == ("open", "Supervisor", request_id)
    assert draft.review_by is not None
    assert (await desk.knowledge.articles()).total == 0
    assert await desk.audited() == ["draft.created"]


async def test_taking_the_same_request_twice_makes_one_draft(desk: Desk) -> None:
    request_id = await desk.request(QUESTION, ANSWER)
    first, second = await desk.take(request_id), await desk.take(request_id, "approve")
    assert first is not None
    assert second is not None
    assert (second.id, second.state) == (first.id, "open")


@pytest.mark.parametrize(
    ("learn", "fields"), [("none", {}), ("draft", {"resolution": "unresolved"}), ("approve", {"answer": "  "})]
)
async def test_what_is_not_to_be_learned_leaves_no_draft(desk: Desk, learn: str, fields: dict[str, str]) -> None:
    request_id = await desk.request(QUESTION, ANSWER)
    async with desk.sessions.begin() as session:
        request = await desk.get_request(request_id)
        for name, value in fields.items():
            setattr(request, name, value)
        await desk.drafts.take(session, request, learn, desk.supervisor)
    assert (await desk.drafts.page(None, limit=10, cursor=None)).total == 0


async def test_approve_makes_an_article_at_once_and_says_so_in_the_request(desk: Desk) -> None:
    request_id = await desk.request(QUESTION, ANSWER, topic="Crypto")
    draft = await desk.take(request_id, "approve")

    assert draft is not None
    assert (draft.state, draft.decision, draft.decided_by_name) == ("approved", "new", "Supervisor")
    assert draft.article_id is not None
    article = await desk.knowledge.article(draft.article_id)
    assert (article.title, article.body, article.source) == ("Can I pay with bitcoin?", ANSWER, "supervisor")
    assert article.asked_as == ["um hi, can I pay with bitcoin", "Crypto"]
    assert article.provenance == {
        "draft_id": str(draft.id),
        "request_id": str(request_id),
        "session_id": None,
        "supervisor_id": str(desk.supervisor.id),
    }
    assert article.author == "Supervisor"
    assert not article.searchable
    request = await desk.get_request(request_id)
    assert request.learned_article_id == draft.article_id
    assert await desk.history(request_id) == ["learned"]
    assert await desk.audited() == ["article.created", "draft.approved"]
    await desk.indexer.run()
    assert (await desk.knowledge.article(draft.article_id)).searchable


async def test_a_key_s_answer_is_a_draft_whatever_it_asks_for(desk: Desk) -> None:
    desk.policy = Policy(auto_approve=tuple(Role))
    key = Machine(id=uuid4(), name="robot", scopes=frozenset({KeyScope.ADMIN}))
    draft = await desk.take(await desk.request(QUESTION, ANSWER), "approve", key)
    assert draft is not None
    assert (draft.state, draft.author_id, draft.author_name) == ("open", None, "robot")


async def test_a_role_of_the_policy_approves_by_itself(desk: Desk) -> None:
    desk.policy = Policy(auto_approve=(Role.SUPERVISOR,), review_after_days=None)
    draft = await desk.take(await desk.request(QUESTION, ANSWER), "draft")
    assert draft is not None
    assert (draft.state, draft.review_by) == ("approved", None)


async def test_an_agent_cannot_approve(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        request = await desk.get_request(await desk.request(QUESTION, ANSWER))
        agent = person(Role.AGENT, desk.supervisor.id)
        await desk.drafts.take(session, request, "approve", agent)
    page = await desk.drafts.page("open", limit=10, cursor=None)
    assert page.total == 1


async def test_a_draft_is_approved_as_it_was_edited_last(desk: Desk) -> None:
    draft_id = await desk.draft(QUESTION, ANSWER)
    await desk.drafts.edit(draft_id, DraftChange(tags=["money"], audience="agents"), desk.supervisor)
    decision = DraftDecision(decision="new", title="Paying with crypto", body="Not possible at all.")
    draft = await desk.drafts.decide(draft_id, decision, desk.supervisor)

    assert draft.article_id is not None
    article = await desk.knowledge.article(draft.article_id)
    assert (article.title, article.body) == ("Paying with crypto", "Not possible at all.")
    assert (article.tags, article.audience) == (["money"], "agents")
    assert "Can I pay with bitcoin?" in article.asked_as
    assert (draft.title, draft.body) == ("Paying with crypto", "Not possible at all.")


async def test_merging_appends_under_the_question_as_a_new_version(desk: Desk) -> None:
    article = await desk.curation.create(
        ArticleText(title="How to pay", body="By card.", tags=["money"]), desk.supervisor
    )
    draft_id = await desk.draft(QUESTION, ANSWER)
    decision = DraftDecision(decision="merge", article_id=article.id, base_version=1)
    draft = await desk.drafts.decide(draft_id, decision, desk.supervisor)

    assert (draft.article_id, draft.article_version) == (article.id, 2)
    now = await desk.knowledge.article(article.id)
    assert now.body == f"By card.\n\n## Can I pay with bitcoin?\n\n{ANSWER}\n"
    assert (now.title, now.tags, now.current_version) == ("How to pay", ["money"], 2)
    assert now.change_note == "Merged with the answer “Can I pay with bitcoin?”"
    assert (await desk.knowledge.article(article.id, version=1)).body == "By card."


async def test_merging_with_an_edited_text_takes_that_text(desk: Desk) -> None:
    article = await desk.curation.create(ArticleText(title="How to pay", body="By card."), desk.supervisor)
    decision = DraftDecision(decision="merge", article_id=article.id, body="By card, never by coin.")
    await desk.drafts.decide(await desk.draft(QUESTION, ANSWER), decision, desk.supervisor)
    now = await desk.knowledge.article(article.id)
    assert (now.title, now.body) == ("How to pay", "By card, never by coin.")


async def test_replacing_keeps_the_old_version_readable_and_its_title_as_a_wording(desk: Desk) -> None:
    article = await desk.curation.create(ArticleText(title="Bitcoin", body="Yes, we take it."), desk.supervisor)
    decision = DraftDecision(decision="replace", article_id=article.id)
    draft = await desk.drafts.decide(await desk.draft(QUESTION, ANSWER), decision, desk.supervisor)
    now = await desk.knowledge.article(article.id)
    assert (now.title, now.body, now.version) == ("Can I pay with bitcoin?", ANSWER, draft.article_version)
    assert now.asked_as[0] == "Bitcoin"
    assert (await desk.knowledge.article(article.id, version=1)).body == "Yes, we take it."


async def test_a_one_off_is_kept_for_the_statistics_and_learned_by_nobody(desk: Desk) -> None:
    draft_id = await desk.draft(QUESTION, ANSWER)
    draft = await desk.drafts.discard(draft_id, desk.supervisor)
    assert (draft.state, draft.decision, draft.article_id) == ("discarded", "one_off", None)
    assert (await desk.knowledge.articles()).total == 0
    assert (await desk.audited())[-1] == "draft.discarded"


async def test_of_two_decisions_at_once_the_second_is_told_of_the_first(desk: Desk) -> None:
    draft_id = await desk.draft(QUESTION, ANSWER)
    decisions = [DraftDecision(decision="new"), DraftDecision(decision="one_off")]
    done = await asyncio.gather(
        *(desk.drafts.decide(draft_id, decision, desk.supervisor) for decision in decisions), return_exceptions=True
    )
    (refused,) = [it for it in done if isinstance(it, ConflictError)]
    (taken,) = [it for it in done if not isinstance(it, BaseException)]
    assert refused.code == "draft_decided"
    assert refused.current["decision"] == taken.decision
    with pytest.raises(ConflictError):
        await desk.drafts.edit(draft_id, DraftChange(title="Too late"), desk.supervisor)


async def test_a_decision_about_an_article_that_has_moved_on_is_refused_and_nothing_is_decided(desk: Desk) -> None:
    article = await desk.curation.create(ArticleText(title="How to pay", body="By card."), desk.supervisor)
    draft_id = await desk.draft(QUESTION, ANSWER)
    decision = DraftDecision(decision="replace", article_id=article.id, base_version=7)
    with pytest.raises(ConflictError) as refused:
        await desk.drafts.decide(draft_id, decision, desk.supervisor)
    assert refused.value.code == "article_changed"
    assert refused.value.current["current_version"] == 1
    assert (await desk.drafts.get(draft_id)).state == "open"


async def test_decisions_about_what_does_not_exist(desk: Desk) -> None:
    draft_id = await desk.draft(QUESTION, ANSWER)
    with pytest.raises(NotFoundError):
        await desk.drafts.decide(uuid4(), DraftDecision(decision="new"), desk.supervisor)
    with pytest.raises(NotFoundError):
        await desk.drafts.decide(draft_id, DraftDecision(decision="merge", article_id=uuid4()), desk.supervisor)
    with pytest.raises(InvalidError):
        await desk.drafts.decide(draft_id, DraftDecision(decision="merge"), desk.supervisor)


async def test_a_draft_is_shown_with_articles_and_other_drafts_near_to_it(desk: Desk) -> None:
    await desk.curation.create(
        ArticleText(title="Can I pay with bitcoin?", body="Yes, bitcoin is welcome."), desk.supervisor
    )
    await desk.indexer.run()
    other = await desk.draft("can I pay with bitcoin please", "We do not take any cryptocurrency.")
    draft_id = await desk.draft(QUESTION, "No, we do not take bitcoin.")
    found = (await desk.drafts.get(draft_id)).neighbours
    assert (found[0].relation, found[0].draft_id) == ("contradiction", None)
    assert "Yes, bitcoin is welcome." in found[0].why
    assert other in [it.draft_id for it in found]
    assert draft_id not in [it.draft_id for it in found]


async def test_pages_of_drafts_go_on_where_the_last_one_ended(desk: Desk) -> None:
    made = [await desk.draft(f"question {number}", "Answer.") for number in range(5)]
    first = await desk.drafts.page("open", limit=3, cursor=None)
    rest = await desk.drafts.page("open", limit=3, cursor=first.next)
    assert [it.id for it in (*first.items, *rest.items)] == made[::-1]
    assert (first.total, rest.next) == (5, None)
    with pytest.raises(InvalidError):
        await desk.drafts.page("open", limit=3, cursor="nonsense")


async def test_an_answer_that_makes_no_article_stays_a_draft_and_is_not_refused(desk: Desk) -> None:
    draft = await desk.take(await desk.request(QUESTION, "Soon\n---"), "approve")
    assert draft is not None
    assert draft.state == "open"
