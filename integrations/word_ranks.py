"""How frequent ordinary English words are, by the vocabulary of the packaged model's tokenizer."""

from collections.abc import Mapping

from tokenizers import Tokenizer

from integrations.packaged_model import packaged_directory

_SPECIALS = 1995
"""Signs and single characters stand before the words."""


def packaged_word_ranks() -> Mapping[str, int]:
    """Word → rank, 1 the most frequent; about twenty thousand lower-case words.

    Raises:
        WeightsError: the package is not installed.
    """
    vocabulary = Tokenizer.from_file(str(packaged_directory() / "tokenizer.json")).get_vocab()
    return {word: place - _SPECIALS for word, place in vocabulary.items() if place > _SPECIALS and word.isalpha()}
