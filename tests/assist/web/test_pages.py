"""Where the screens may connect to."""

import pytest

from assist.web.pages import livekit_origins


@pytest.mark.parametrize(
    ("url", "origins"),
    [
        (None, ()),
        ("ws://127.0.0.1:7880", ("ws://127.0.0.1:7880", "http://127.0.0.1:7880")),
        ("wss://media.example/livekit", ("wss://media.example", "https://media.example")),
        ("wss://norlight-1.livekit.cloud", ("wss://*.livekit.cloud", "https://*.livekit.cloud")),
        ("wss://livekit.cloud.example", ("wss://livekit.cloud.example", "https://livekit.cloud.example")),
    ],
)
def test_pages_with_calls_reach_the_livekit_server_alone(url: str | None, origins: tuple[str, ...]) -> None:
    assert livekit_origins(url) == origins
