"""Which language is spoken, and how its words and phrases are understood."""

import msgspec
import pytest

from pipeline.languages import LANGUAGES, folded, language, primary, told_by
from pipeline.speech_acts import SEEKING, RuleSpeechActs
from pipeline.speech_languages import acts_in, reading_in
from pipeline.spoken_language import language_of_call
from pipeline.words import content
from tests.pipeline.calls import segments

_SAID = {
    "en": ("i would like to know where my package is", "it hasn't been delivered and the app shows nothing"),
    "de": (
        "ich würde gern wissen wo meine sendung bleibt",
        "die wurde noch nicht zugestellt und im konto steht nichts",
    ),
    "es": ("quisiera saber dónde se encuentra mi envío", "todavía no lo han entregado y la página no dice nada"),
    "fr": ("je voudrais savoir où se trouve mon colis", "il n'a pas été livré et le site n'indique rien"),
}
_OTHER = (
    "vorrei sapere dov'è il mio pacco",
    "ik wil graag weten waar mijn pakket blijft",
    "chciałbym wiedzieć gdzie jest moja paczka",
    "パスワードを変更したい",
    "zxq wrtz 401",
    "",
)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_is_told_by_its_words(code: str) -> None:
    assert told_by(_SAID[code]) == code
    assert told_by(folded(text) for text in _SAID[code]) == code, "without accents"


@pytest.mark.parametrize("text", _OTHER)
def test_other_languages_and_noise_are_not_taken_for_one_of_ours(text: str) -> None:
    assert told_by((text,)) is None


def test_the_customer_decides_about_the_language_of_a_call() -> None:
    talk = segments(("agent: Hello, how can I help you?", f"customer: {_SAID['de'][0]}", "agent: One moment please."))
    assert language_of_call(talk) == "de"


def test_the_tag_of_the_recogniser_wins() -> None:
    talk = segments((f"customer: {_SAID['en'][0]}",))
    tagged = tuple(msgspec.structs.replace(segment, language="pt-BR") for segment in talk)
    assert language_of_call(tagged) == "pt-BR"


def test_the_agent_decides_while_the_customer_has_said_nothing_telling() -> None:
    talk = segments(("agent: Guten Tag, wie kann ich Ihnen helfen?", "customer: mhm"))
    assert language_of_call(talk) == "de"
    assert language_of_call(segments(("customer: mhm",)), default="fr") == "fr"


def test_a_call_can_change_its_language() -> None:
    talk = segments((f"customer: {_SAID['en'][0]}", *(f"customer: {text}" for text in _SAID["es"] * 6)))
    assert language_of_call(talk) == "es"


@pytest.mark.parametrize(("tag", "code"), [("de-AT", "de"), ("pt_BR", "pt"), ("EN", "en"), ("", None), (None, None)])
def test_tags_are_cut_to_the_language(tag: str | None, code: str | None) -> None:
    assert primary(tag) == code


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_asks_every_question(code: str) -> None:
    english = language("en")
    data = language(code)
    assert data.questions.keys() == english.questions.keys()
    assert data.asked.keys() == english.asked.keys()
    for purpose, text in english.questions.items():
        for hole in ("{choices}", "{thing}"):
            assert (hole in data.questions[purpose]) == (hole in text) or hole == "{thing}"


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        ("de", "Wie kann ich meinen Vertrag kündigen?", "Verträge werden hier gekündigt. Die Kündigung"),
        ("de", "die Kosten der Rechnungen", "was kostet eine Rechnung"),
        ("es", "quiero cancelar mis facturas", "la cancelación de una factura"),
        ("es", "cuándo llegan los reembolsos", "el reembolso llega"),
        ("fr", "je veux résilier l'abonnement", "la résiliation des abonnements"),
        ("fr", "comment être remboursé", "le remboursement"),
    ],
)
def test_inflections_share_a_stem(code: str, one: str, other: str) -> None:
    assert len(set(content(one, code)) & set(content(other, code))) >= len(set(content(one, code))) - 1
    assert set(content(one, code)) & set(content(other, code))


def test_english_words_are_compared_as_before() -> None:
    assert content("How do I port my phone numbers?") == content("how do i port my phone numbers", "en")
    assert content("the plans' prices in Berlin") == ("plan", "pric", "berlin")


_SEEKING = {
    "de": (
        "was kostet eine zweite karte",
        "mein fernseher zeigt kein bild",
        "ich möchte umziehen",
        "kann ich das umtauschen",
    ),
    "es": ("cuánto vale otra tarjeta", "la tele no enciende", "quiero mudarme", "puedo devolverlo"),
    "fr": (
        "combien coûte une deuxième carte",
        "ma télé ne s'allume plus",
        "je voudrais déménager",
        "puis-je l'échanger",
    ),
}
_QUIET = {
    "de": (
        "guten morgen",
        "ja stimmt",
        "danke ihnen auch einen schönen abend",
        "mein name ist weber",
        "jetzt geht es wieder",
    ),
    "es": ("buenos días", "sí claro", "gracias igualmente", "mi nombre es pérez", "ahora ya funciona"),
    "fr": ("bonjour", "oui voilà", "merci à vous aussi bonne soirée", "mon nom est petit", "ça marche merci"),
}


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in _SEEKING.items() for text in texts])
def test_questions_reports_and_wishes_are_heard(code: str, text: str) -> None:
    reading = reading_in(code, text, "")
    assert reading is not None
    assert reading.act in SEEKING
    assert reading.focus


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in _QUIET.items() for text in texts])
def test_courtesies_and_facts_ask_for_nothing(code: str, text: str) -> None:
    reading = reading_in(code, text, "")
    assert reading is not None
    assert reading.act not in SEEKING
    assert reading.focus == ""


def test_the_greeting_is_no_part_of_the_request() -> None:
    reading = reading_in("de", "Guten Tag, wie ändere ich mein Passwort?", "")
    assert reading is not None
    assert reading.focus == "wie ändere ich mein Passwort?"


def test_english_and_unknown_languages_are_read_by_the_rules() -> None:
    rules = RuleSpeechActs()
    assert acts_in("en-GB", rules) is rules
    assert acts_in("ja", rules) is rules
    assert acts_in("de", rules).read("was kostet das", "").act in SEEKING
