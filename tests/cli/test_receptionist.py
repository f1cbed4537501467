"""`assist receptionist` as it is typed: a real process, at the end of a pipe or on a terminal."""

import asyncio
import os
import pty
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping

import pytest

from tests.doubles.openai_server import calls, openai_double, says
from tests.doubles.reception_server import KEY, ReceptionServer, reception_server

HOURS = "We are open from 9 am to 5 pm on weekdays."
QUESTION = "What are your opening hours?"
UNKNOWN = "Do you ship to Norway?"
PATIENCE_S = 60.0


@pytest.fixture
async def server() -> AsyncIterator[ReceptionServer]:
    async with reception_server() as double:
        double.knows(QUESTION, HOURS, title="Opening hours", version=3)
        yield double


def environment(server: ReceptionServer, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ASSIST_", "OPENAI_"))}
    return {**kept, "ASSIST_URL": server.url, "ASSIST_API_KEY": KEY, "ASSIST_COMPANY": "Norlight", **more}


async def console(environ: Mapping[str, str], *arguments: str, stdin: int = PIPE) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "assist", "receptionist", "console", *arguments,
        env=dict(environ), stdin=stdin, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip


async def piped(environ: Mapping[str, str], lines: str, *arguments: str) -> tuple[int | None, list[str], str]:
    """Exit code, lines of stdout, and stderr."""
    async with asyncio.timeout(PATIENCE_S):
        process = await console(environ, *arguments)
        told, errors = await process.communicate(lines.encode())
    return process.returncode, told.decode().splitlines(), errors.decode()


async def line_with(process: Process, text: str) -> str:
    """The next line of stdout that holds it."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        while line := (await process.stdout.readline()).decode():
            if text in line:
                return line
    raise AssertionError(f"the console ended without saying {text}")


async def test_a_whole_call_comes_out_of_a_pipe(server: ReceptionServer) -> None:
    typed = (
        f"hello\n\n{QUESTION}\n{UNKNOWN}\nJane Doe\nfive five five oh one double zero two\nyes\nno thanks\nnever read\n"
    )
    code, lines, errors = await piped(environment(server), typed)
    assert (code, lines) == (0, [f"Receptionist: {text}" for text in (
        "Hello, this is Norlight. How can I help you?",
        "How can I help you?",
        HOURS,
        "Is there anything else I can help you with?",
        "I'm sorry, I don't know the answer to that.",
        "I have asked a supervisor for you.",
        "May I have your name?",
        "Thank you, Jane Doe.",
        "On which number can we call you back?",
        "I have noted 5 5 5, 0 1 0, 0 2. Is that right?",
        "A supervisor has your question. If the answer comes while we talk, I will tell you. "
        "Otherwise we call you back at 5 5 5, 0 1 0, 0 2.",
        "Is there anything else I can help you with?",
        "Somebody will call you back.",
        "Thank you for calling. Goodbye!",
    )])  # fmt: skip
    assert [one["question"] for one in server.requests] == [UNKNOWN]
    assert server.contacts == [{"customer_name": "Jane Doe", "customer_contact": "55501002"}]
    assert "receptionist_answered" in errors
    assert "Norway" not in errors
    call = next(iter(server.calls.values()))
    assert call["status"] == "ended"
    (started,) = server.posts("/api/realtime/call/start")
    assert started["agent_name"] == "Receptionist"
    assert started["acd_metadata"] == {"source": "receptionist", "answered_by": "receptionist", "channel": "console"}


async def test_both_sides_become_segments_in_the_order_in_which_they_were_said(server: ReceptionServer) -> None:
    _, lines, _ = await piped(environment(server), f"{QUESTION}\nbye\n", "--name", "Jane", "--number", "+15550100")
    heard = [one["text"] for one in server.segments if one["speaker"] == "agent"]
    assert [f"Receptionist: {text}" for text in heard] == lines
    assert [one["text"] for one in server.segments if one["speaker"] == "customer"] == [QUESTION, "bye"]
    times = [one["start_time"] for one in server.segments]
    assert times == sorted(times)
    assert len(set(times)) == len(times)
    (started,) = server.posts("/api/realtime/call/start")
    assert (started["customer_name"], started["customer_phone"]) == ("Jane", "+15550100")


async def test_the_end_of_the_input_ends_the_call_and_loses_no_question(server: ReceptionServer) -> None:
    code, _, _ = await piped(environment(server), UNKNOWN)
    assert code == 0
    assert len(server.requests) == 1
    assert next(iter(server.calls.values()))["status"] == "ended"


async def test_it_waits_for_a_supervisors_answer_and_says_it(server: ReceptionServer) -> None:
    caller = ("--name", "Jane", "--number", "+15550100")
    process = await console(environment(server), "--wait", str(PATIENCE_S), *caller)
    assert process.stdin is not None
    process.stdin.write(f"{UNKNOWN}\n".encode())
    process.stdin.write_eof()
    await line_with(process, "anything else")
    suggestion_id = await server.answer(server.requests[0], "Yes, to Oslo.")
    await line_with(process, "I have an answer from a supervisor")
    await line_with(process, "Yes, to Oslo.")
    async with asyncio.timeout(PATIENCE_S):
        assert await process.wait() == 0
    assert server.shown == [suggestion_id]


async def test_an_answer_is_said_while_the_next_line_is_waited_for(server: ReceptionServer) -> None:
    process = await console(environment(server), "--name", "Jane", "--number", "+15550100")
    assert process.stdin is not None
    process.stdin.write(f"{UNKNOWN}\n".encode())
    await line_with(process, "anything else")
    await server.answer(server.requests[0], "Yes, to Oslo.")
    await line_with(process, "Yes, to Oslo.")
    process.stdin.write(b"bye\n")
    await line_with(process, "Goodbye")
    async with asyncio.timeout(PATIENCE_S):
        assert await process.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_call_is_ended_properly(server: ReceptionServer, number: signal.Signals) -> None:
    process = await console(environment(server))
    await line_with(process, "How can I help you?")
    process.send_signal(number)
    async with asyncio.timeout(PATIENCE_S):
        told, errors = await process.communicate()
    assert (process.returncode, told, "Traceback" in errors.decode()) == (0, b"", False)
    assert next(iter(server.calls.values()))["status"] == "ended"


async def test_a_call_that_was_killed_goes_on_where_it_was(server: ReceptionServer) -> None:
    process = await console(environment(server), "--name", "Jane", "--number", "+15550100")
    assert process.stdin is not None
    process.stdin.write(f"{UNKNOWN}\n".encode())
    await line_with(process, "anything else")
    process.kill()
    await process.wait()
    code, lines, _ = await piped(environment(server), f"{UNKNOWN}\n", "--session", next(iter(server.calls)))
    assert (code, lines[:2]) == (0, [
        "Receptionist: I am back. Sorry for the interruption.",
        "Receptionist: A supervisor still has your question.",
    ])  # fmt: skip
    assert len(server.requests) == 1
    assert len(server.calls) == 1


async def test_a_terminal_has_a_prompt(server: ReceptionServer) -> None:
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "assist", "receptionist", "console",
        env=environment(server), stdin=theirs, stdout=theirs, stderr=DEVNULL,
    )  # fmt: skip
    os.close(theirs)
    try:
        assert "How can I help you?" in await _seen(ours, "You: ")
        os.write(ours, b"bye\n")
        assert "Goodbye!" in await _seen(ours, "Goodbye!")
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 0
    finally:
        os.close(ours)


async def test_a_language_model_speaks_where_one_is_configured(server: ReceptionServer) -> None:
    replies = (calls("search_knowledge", question=QUESTION), says("We are open on weekdays from 9 am to 5 pm."))
    async with openai_double(*replies) as model:
        environ = environment(server, OPENAI_BASE_URL=model.base_url, ASSIST_MODEL="small")
        code, lines, _ = await piped(environ, f"{QUESTION}\n")
    assert (code, lines[1:]) == (0, ["Receptionist: We are open on weekdays from 9 am to 5 pm."])


async def test_mistakes_are_one_clear_line(server: ReceptionServer) -> None:
    for changed, named in (
        ({"ASSIST_API_KEY": "wrong"}, "ASSIST_API_KEY"),
        ({"ASSIST_API_KEY": ""}, "ASSIST_API_KEY"),
        ({"ASSIST_URL": "http://127.0.0.1:1"}, "ASSIST_URL"),
        ({"ASSIST_URL": "ftp://x"}, "ASSIST_URL"),
    ):
        code, lines, errors = await piped(environment(server, **changed), "hello\n")
        assert (code, lines) == (1, [])
        assert named in errors
        assert "Traceback" not in errors
    code, _, errors = await piped(environment(server), "", "--session", "unknown")
    assert (code, "unknown_session" in errors) == (1, True)


async def test_questions_that_could_not_be_passed_on_make_the_command_fail(server: ReceptionServer) -> None:
    server.failing = {"/api/help-requests": 1000}
    code, _, errors = await piped(environment(server), f"{UNKNOWN}\n")
    assert (code, "could not be passed on to a supervisor: 1" in errors) == (1, True)
    assert next(iter(server.calls.values()))["status"] == "ended"


async def test_without_the_voice_extra_the_worker_says_what_to_install_and_the_console_works(
    server: ReceptionServer,
) -> None:
    without = "import sys; sys.modules['livekit'] = None; from assist.cli import main; main()"
    for arguments in ([], ["start"]):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "ignore", "-c", without, "receptionist", *arguments,
            env=environment(server), stdin=DEVNULL, stdout=PIPE, stderr=PIPE,
        )  # fmt: skip
        _, errors = await process.communicate()
        assert process.returncode == 1
        assert "pip install 'assist[voice]'" in errors.decode()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", without, "receptionist", "console",
        env=environment(server), stdin=PIPE, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    told, _ = await process.communicate(b"bye\n")
    assert (process.returncode, b"Goodbye" in told) == (0, True)


async def _seen(terminal: int, text: str) -> str:
    """What the terminal shows until this text."""
    shown = ""
    async with asyncio.timeout(PATIENCE_S):
        while text not in shown:
            shown += (await asyncio.to_thread(os.read, terminal, 4096)).decode()
    return shown
