"""A room that the test plays in place of LiveKit's client, and what the server would say about calls by voice."""

import json
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

GRANT = {"room": "room-1", "url": "ws://127.0.0.1:9", "token": "signed", "identity": "someone", "expires_in": 600}
INVITE = "/call?invite=abc"

PLAYED_CLIENT = """
export function openClient(listener) {
  const did = [];
  const mark = (room) => (document.documentElement.dataset.room = room);
  const note = (what) => (did.push(what), Promise.resolve());
  const client = {
    takeMicrophone: () => note('microphone'),
    connect: (url) => note('connect'),
    mute: (muted) => note(muted ? 'mute' : 'unmute'),
    setVolume: (volume) => note(`volume ${volume}`),
    playSound: () => (listener.onSound(false), note('sound')),
    levels: () => ({ me: 0.3, others: 0.2 }),
    close: () => (mark('left'), note('close')),
  };
  mark('entered');
  window.played = { listener, did };
  return client;
}
"""


class PlayedRoom:
    """What happens in the room that a page has joined."""

    def __init__(self, page: Page) -> None:
        """Before the page loads the client."""
        self._page = page
        page.route("**/assets/livekit-*.js", self._serve)

    def people(self, *people: tuple[str, str]) -> None:
        """Who is there besides the page: role and name."""
        present = [
            {
                "identity": f"{role}:{name}",
                "name": name,
                "role": role,
                "publishes": role != "supervisor",
                "muted": False,
            }
            for role, name in people
        ]
        self.tells("onPeople", present)

    def tells(self, event: str, *given: object) -> None:
        """Anything that the client reports."""
        expect(self._page.locator("html")).to_have_attribute("data-room", "entered")
        self._page.evaluate("([event, given]) => window.played.listener[event](...given)", [event, list(given)])

    @property
    def did(self) -> list[str]:
        """What the page asked of the client."""
        found: list[str] = self._page.evaluate("window.played.did")
        return found

    @staticmethod
    def _serve(route: Route) -> None:
        route.fulfill(content_type="text/javascript", body=PLAYED_CLIENT)


def answers(page: Page, path: str, body: object, status: int = 200) -> list[str]:
    """What the server would say to a request; what it was asked is collected."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.post_data or "")
        kind = "application/json" if status < 400 else "application/problem+json"
        route.fulfill(status=status, content_type=kind, body=json.dumps(body))

    page.route(re.compile(re.escape(path) + r"(\?.*)?$"), answer)
    return asked


def switched_on(page: Page, *, test_calls: bool = True, **more: object) -> None:
    """Calls can be made with the browser."""
    answers(page, "/api/voice/settings", {"enabled": True, "test_calls": test_calls, **more})


def is_clean(page: Page) -> None:
    """Axe finds nothing, and nothing has to be scrolled sideways."""
    violations = Axe().run(page).response["violations"]
    assert [f"{item['id']}: {[node['html'][:120] for node in item['nodes']]}" for item in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
