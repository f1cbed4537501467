"""A real cross-encoder, tiny and random, saved to a directory: its code runs, its opinion means nothing."""

import asyncio
import random
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

from integrations.packaged_model import packaged_directory
from integrations.reranking import LocalReranker
from pipeline.errors import UpstreamError
from pipeline.ports import Reranker

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPOKEN = "how do i get my money back refunds are paid within five days restart the router"
WORDS = SPOKEN.split()


def saved(directory: Path, *, outputs: int = 1) -> Path:
    vocabulary = directory / "vocab.txt"
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, "##s", "."]))
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(WORDS) + 7,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=1.0,
    )
    config.num_labels = outputs
    BertForSequenceClassification(config).save_pretrained(directory)
    BertTokenizer(vocab_file=str(vocabulary), model_max_length=64).save_pretrained(directory)
    return directory


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reranker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalReranker]:
    made = LocalReranker(str(saved(tmp_path_factory.mktemp("model"))), device="cpu", threads=1)
    await made.load()
    yield made
    await made.close()


async def test_every_text_gets_the_score_that_it_gets_alone(reranker: LocalReranker) -> None:
    port: Reranker = reranker
    texts = ["refunds are paid within five days.", "", "restart the router", "money " * 5000, "日本語 🎧"]
    random.Random(1).shuffle(texts)
    scores = await port.scores("how do i get my money back", texts)
    alone = [(await port.scores("how do i get my money back", [text]))[0] for text in texts]
    assert scores == pytest.approx(alone, abs=1e-4)
    assert len({round(score, 3) for score in scores}) > 3, "the texts are told apart"
    assert await port.scores("nothing found", []) == []


async def test_scores_are_logits_and_depend_on_the_question(reranker: LocalReranker) -> None:
    texts = [" ".join(words) for words in pairwise(WORDS)]
    scores = await reranker.scores("restart the router", texts)
    assert any(not 0.0 <= score <= 1.0 for score in scores), "no sigmoid"
    assert scores != await reranker.scores("refunds", texts)


async def test_questions_at_the_same_time_keep_their_answers_apart(reranker: LocalReranker) -> None:
    questions = ["refunds", "router", "my money", "five days"]
    texts = ["restart the router", "money back"]
    expected = [await reranker.scores(question, texts) for question in questions]
    assert await asyncio.gather(*(reranker.scores(question, texts) for question in questions)) == expected


async def test_a_question_does_not_wait_until_the_model_is_loaded(tmp_path: Path) -> None:
    lazy = LocalReranker(str(saved(tmp_path)), device="cpu", threads=1)
    with pytest.raises(UpstreamError, match="not loaded yet") as caught:
        await lazy.scores("refunds", ["money back"])
    assert (caught.value.service, caught.value.retryable) == ("reranker", True)
    await lazy.load()
    assert len(await lazy.scores("refunds", ["money back"])) == 1
    await lazy.close()
    await lazy.close()
    with pytest.raises(UpstreamError, match="closed"):
        await lazy.scores("refunds", ["money back"])


async def test_a_directory_that_is_not_there_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    wrong = LocalReranker(str(tmp_path / "gone"))
    for _ in range(2):
        with pytest.raises(UpstreamError, match=r"no directory.*Set ASSIST_RERANKER to the directory") as caught:
            await wrong.load()
        assert (caught.value.service, caught.value.retryable) == ("reranker", False)
    with pytest.raises(UpstreamError, match="no directory"):
        await wrong.scores("refunds", ["money back"])
    await wrong.close()


async def test_a_directory_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match=r"cannot be loaded.*ASSIST_RERANKER"):
        await LocalReranker(str(tmp_path)).load()


async def test_a_model_that_gives_several_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match="3 numbers for a pair"):
        await LocalReranker(str(saved(tmp_path, outputs=3))).load()


async def test_an_embedding_model_is_refused() -> None:
    with pytest.raises(UpstreamError, match="saved as BertModel"):
        await LocalReranker(str(packaged_directory())).load()
