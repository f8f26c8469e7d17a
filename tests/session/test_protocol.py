"""Bytes of a session become results: every byte with its own command, however they are cut."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freshrun.host.spill import Spill
from freshrun.machine.frames import Stream
from freshrun.mask.masking import Mask
from freshrun.model.errors import MachineError
from freshrun.session.protocol import KEPT, Conversation, Ended, Finished

SALT = "00c0ffee0123456789abcdef"
SECRET = SALT[4:].encode()


def frame(stream: Stream, payload: bytes) -> bytes:
    """Return one frame of Docker's multiplexed stream."""
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


def mark(*fields: bytes) -> bytes:
    """Return a mark as the driver prints it."""
    opening = b"\0m" + SECRET + b"\2"
    return opening + b"\0".join(fields) + b"\0m" + SECRET + b"\1"


def finished(seq: int, out: bytes, err: bytes, *, status: int = 0) -> tuple[bytes, bytes]:
    """Return what both streams carry for one command."""
    number = str(seq).encode()
    fields = (number, str(status).encode(), b"10.5", b"12,0", b"7", b"", b"1 0 ", b"/srv")
    return out + mark(*fields), err + mark(number)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Return `data` in the pieces between `places`."""
    cuts = sorted({0, len(data), *(min(place, len(data)) for place in places)})
    return [data[a:b] for a, b in pairwise(cuts)]


outputs = st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=40)), max_size=5)
places = st.lists(st.integers(0, 2000), max_size=12)


@given(outputs=outputs, frames=places, pieces=places)
def test_no_byte_is_lost_or_given_to_another_command(
    outputs: list[tuple[bytes, bytes]], frames: list[int], pieces: list[int]
) -> None:
    """Whatever is printed, and wherever frames and reads are cut, each gets its own bytes."""
    both = [finished(seq, out, err) for seq, (out, err) in enumerate(outputs)]
    streams = {
        Stream.STDOUT: b"".join(out for out, _ in both),
        Stream.STDERR: b"".join(err for _, err in both),
    }
    wire = b"".join(
        frame(stream, part) for stream, data in streams.items() for part in cut(data, frames)
    )
    conversation = Conversation(SALT, mask=Mask(()))
    events = [event for piece in cut(wire, pieces) for event in conversation.feed(piece)]
    assert all(isinstance(event, Finished) for event in events)
    assert [(e.outputs.stdout.head, e.outputs.stderr.head) for e in events] == outputs
    assert [e.seq for e in events if isinstance(e, Finished)] == list(range(len(outputs)))


@given(noise=st.binary(max_size=60), pieces=places)
def test_a_mark_with_another_salt_is_output(noise: bytes, pieces: list[int]) -> None:
    """A program can print the shape of a mark; without the salt it is nothing special."""
    lookalike = b"\0m" + bytes(reversed(SECRET)) + b"\2" + noise
    out, err = finished(0, lookalike, b"")
    wire = frame(Stream.STDOUT, out) + frame(Stream.STDERR, err)
    conversation = Conversation(SALT, mask=Mask(()))
    events = [event for piece in cut(wire, pieces) for event in conversation.feed(piece)]
    assert [event.outputs.stdout.head for event in events] == [lookalike]


def test_a_finished_command_has_every_field_of_its_mark() -> None:
    """Times take the decimal sign of any locale; pipelines and directories are kept."""
    out, err = finished(3, b"", b"", status=4)
    conversation = Conversation(SALT, mask=Mask(()))
    (event,) = conversation.feed(frame(Stream.STDOUT, out) + frame(Stream.STDERR, err))
    assert isinstance(event, Finished)
    assert (event.seq, event.exit_code, event.cwd) == (3, 4, "/srv")
    assert (event.started, event.ended) == (10.5, 12.0)
    assert event.pipe_status == (1, 0)
    assert event.job is None


def test_the_end_of_the_shell_carries_the_last_output() -> None:
    """What the last command printed is not lost with its shell."""
    conversation = Conversation(SALT, mask=Mask(()))
    wire = frame(Stream.STDOUT, b"bye" + mark(b"end", b"3", b""))
    wire += frame(Stream.STDERR, b"exit\n" + mark(b"end", b"3", b""))
    (event,) = conversation.feed(wire)
    assert isinstance(event, Ended)
    assert (event.exit_code, event.lost) == (3, False)
    assert (event.outputs.stdout.head, event.outputs.stderr.head) == (b"bye", b"exit\n")


def test_long_output_keeps_head_tail_and_size_and_spills_the_whole(tmp_path: Path) -> None:
    """Memory stays bounded, nothing is lost."""
    data = b"head" + bytes(5 * KEPT) + b"tail"
    out, err = finished(0, data, b"")
    conversation = Conversation(SALT, mask=Mask(()), spill=Spill(tmp_path))
    wire = b"".join(frame(Stream.STDOUT, part) for part in cut(out, list(range(0, len(out), 9999))))
    (event,) = conversation.feed(wire + frame(Stream.STDERR, err))
    output = event.outputs.stdout
    assert (len(output.head), len(output.tail), output.size) == (KEPT, KEPT, len(data))
    assert output.head.startswith(b"head")
    assert output.tail.endswith(b"tail")
    assert output.truncated
    assert output.spill is not None
    assert Path(output.spill).read_bytes() == data


def test_secrets_are_hidden_before_anything_is_kept(tmp_path: Path) -> None:
    """Neither head, tail nor the spilled file holds a secret."""
    data = b"token=hunter2 " + bytes(2 * KEPT) + b" hunter2"
    out, err = finished(0, data, b"hunter2")
    conversation = Conversation(SALT, mask=Mask(["hunter2"]), spill=Spill(tmp_path))
    (event,) = conversation.feed(frame(Stream.STDOUT, out) + frame(Stream.STDERR, err))
    assert event.outputs.stdout.spill is not None
    for kept in (event.outputs.stdout.head, event.outputs.stdout.tail, event.outputs.stderr.head):
        assert b"***" in kept
        assert b"hunter2" not in kept
    assert b"hunter2" not in Path(event.outputs.stdout.spill).read_bytes()


def test_the_drivers_own_trace_is_not_output() -> None:
    """`set -x` shows the driver's call; that line is taken off the end."""
    name = f"__f{SALT[:4]}".encode()
    out, err = finished(0, b"", b"+ echo x\n+ " + name + b" 0\n+ case $- in\n")
    conversation = Conversation(SALT, mask=Mask(()))
    (event,) = conversation.feed(frame(Stream.STDOUT, out) + frame(Stream.STDERR, err))
    assert event.outputs.stderr.head == b"+ echo x\n"
    assert event.outputs.stderr.size == len(event.outputs.stderr.head)


def test_a_shell_that_lost_its_driver_is_told_from_one_that_was_ended() -> None:
    """A stream that was closed has no mark of the last command; the end on the other tells it."""
    conversation = Conversation(SALT, mask=Mask(()))
    out = frame(Stream.STDOUT, mark(b"end", b"0", b""))
    (event,) = conversation.feed(out + frame(Stream.STDERR, mark(b"1")))
    assert isinstance(event, Ended)
    assert event.lost


def test_a_damaged_mark_is_the_harnesss_fault() -> None:
    """A document that changes the driver's variables gets no verdict, and no traceback."""
    conversation = Conversation(SALT, mask=Mask(()))
    fields = (b"1", b"", b"", b"", b"", b"", b"", b"")
    with pytest.raises(MachineError, match="damaged"):
        list(
            conversation.feed(
                frame(Stream.STDOUT, mark(*fields)) + frame(Stream.STDERR, mark(b"1"))
            )
        )


def test_streams_that_disagree_are_the_harnesss_fault() -> None:
    """A result is never guessed."""
    conversation = Conversation(SALT, mask=Mask(()))
    out, _ = finished(1, b"", b"")
    _, err = finished(2, b"", b"")
    with pytest.raises(MachineError, match="disagree"):
        list(conversation.feed(frame(Stream.STDOUT, out) + frame(Stream.STDERR, err)))
