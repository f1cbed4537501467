"""The tokenizer of the embedding model that is installed with Assist; light, without the model itself."""

from collections.abc import Callable

from tokenizers import Tokenizer

from integrations.packaged_model import packaged_directory


def packaged_token_counter() -> Callable[[str], int]:
    """Counts word pieces as the packaged model sees them, without its special tokens.

    Raises:
        WeightsError: the package is not installed.
    """
    tokenizer = Tokenizer.from_file(str(packaged_directory() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    return count
