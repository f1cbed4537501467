"""Connects to model endpoints. The SDK takes a second to import: only a process that has an endpoint does."""

import importlib
from typing import TYPE_CHECKING

from integrations.language_model import EndpointModel, ModelOptions
from integrations.openai_embedding import EndpointEmbedder

if TYPE_CHECKING:
    from integrations.openai import Endpoint


def connect(base_url: str | None, api_key: str | None) -> "Endpoint":
    """An endpoint, OpenAI's own when there is no URL. Nothing is sent yet; ends with `close`."""
    endpoint: Endpoint = importlib.import_module("integrations.openai").Endpoint(base_url, api_key)
    return endpoint


def connect_model(base_url: str | None, api_key: str | None, options: ModelOptions) -> EndpointModel:
    """A language model on an endpoint; ends with `close`."""
    return EndpointModel(connect(base_url, api_key), options)


def connect_embedder(base_url: str, api_key: str | None, model: str) -> EndpointEmbedder:
    """An embedder on an endpoint; ends with `close`."""
    return EndpointEmbedder(connect(base_url, api_key), model)
