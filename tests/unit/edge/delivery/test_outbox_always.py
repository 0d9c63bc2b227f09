"""Whatever is appended, acked, replayed and opened again, in any order: the outbox holds exactly the unacked ones."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.delivery.outbox import Outbox
from edge.events import NewEvent
from protocol.events import Recovered
from protocol.messages import Envelope, decode

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class AnOutbox(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.unacked: dict[int, Envelope] = {}
        self.last_seq = 0
        self.run_events: list[NewEvent] = []
        self.replaying = 0
        self.identity = ""
        self.open()
        self.begin()

    def open(self) -> None:
        self.outbox = Outbox.open(Path(self.folder.name) / "hub.db", store="corner", device="hub", epoch=1)

    def begin(self) -> None:
        run = self.outbox.begin_run("monday")
        assert run.recorded == len(self.run_events)
        assert run.identity == self.identity or not self.run_events
        self.identity = run.identity
        self.replaying = 0

    @rule(count=st.integers(0, 5))
    def the_recording_plays_on(self, count: int) -> None:
        """The n-th event of a recording is always the same one, replayed or not."""
        wanted = [
            NewEvent(NOON + timedelta(seconds=n), None, Recovered(part=f"event {n}"))
            for n in range(self.replaying, self.replaying + count)
        ]
        envelopes = self.outbox.append(wanted)
        base = self.last_seq - len(self.run_events)
        assert [envelope.seq for envelope in envelopes] == [base + 1 + self.replaying + k for k in range(count)]
        self.replaying += count
        for envelope in envelopes[count - max(self.replaying - len(self.run_events), 0) :]:
            self.unacked[envelope.seq] = envelope
            self.last_seq = envelope.seq
        self.run_events += wanted[len(wanted) - max(self.replaying - len(self.run_events), 0) :]

    @precondition(lambda self: self.replaying >= len(self.run_events))
    @rule()
    def the_recording_ends_and_begins_again(self) -> None:
        self.outbox.finish_run()
        self.run_events = []
        self.begin()

    @rule(share=st.floats(0, 1), epoch=st.sampled_from([1, 1, 1, 0, 2]))
    def the_cloud_acks(self, share: float, epoch: int) -> None:
        seq = int(self.last_seq * share)
        self.outbox.acked(epoch, seq)
        if epoch == 1:
            self.unacked = {number: kept for number, kept in self.unacked.items() if number > seq}

    @rule()
    def the_node_is_started_again(self) -> None:
        self.outbox.close()
        self.open()
        self.begin()

    @invariant()
    def exactly_the_unacked_are_held(self) -> None:
        stored = self.outbox.pending(0, 1000, 1 << 30)
        assert {one.seq: decode(Envelope, one.body) for one in stored} == self.unacked
        assert self.outbox.last_seq == self.last_seq
        assert self.outbox.first_seq == min(self.unacked, default=self.last_seq + 1)
        assert (self.outbox.counts().held_bytes == 0) == (not self.unacked)

    def teardown(self) -> None:
        self.outbox.close()
        self.folder.cleanup()


TestAnOutbox = AnOutbox.TestCase
TestAnOutbox.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
