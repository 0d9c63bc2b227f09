"""The cloud's half of delivery and no more, as a process that can be killed: commit to SQLite, then ack cumulatively.

python committing_cloud.py HOST PORT STORE DATABASE
"""

import os
import sqlite3
import sys
import time
from collections import defaultdict

from paho.mqtt.client import Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from protocol.messages import Ack, Envelope, Watermark, decode, encode
from protocol.topics import Topic, every_store, parse

SCHEMA = """
    CREATE TABLE IF NOT EXISTS inbox (
        device TEXT, epoch INTEGER, seq INTEGER, id TEXT UNIQUE, body BLOB, PRIMARY KEY (device, epoch, seq)
    );
    CREATE TABLE IF NOT EXISTS arrival (seq INTEGER);
    CREATE TABLE IF NOT EXISTS mark (device TEXT PRIMARY KEY, observed_until TEXT, last_seq INTEGER);
    CREATE TABLE IF NOT EXISTS status (device TEXT PRIMARY KEY, body BLOB);
    CREATE TABLE IF NOT EXISTS listening (pid INTEGER PRIMARY KEY);
"""


class CommittingCloud:
    def __init__(self, host: str, port: int, store: str, database: str) -> None:
        self.host, self.port, self.store = host, port, store
        self.db = sqlite3.connect(database, timeout=10)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.executescript(SCHEMA)
        self.waiting: list[MQTTMessage] = []
        self.upto: dict[tuple[str, int], int] = defaultdict(int)
        for device, epoch, seq in self.db.execute("SELECT device, epoch, seq FROM inbox ORDER BY device, epoch, seq"):
            assert seq == self.upto[device, epoch] + 1, "only what is contiguous is committed"
            self.upto[device, epoch] = seq
        self.client = Client(CallbackAPIVersion.VERSION2, client_id="cloud", clean_session=False, protocol=MQTTv311)
        self.client.on_connect = lambda client, *_: client.subscribe(
            [(every_store("ev"), 1), (every_store("telemetry"), 0), (every_store("status"), 1)]
        )
        self.client.on_subscribe = lambda *_: self.say_that_it_listens()
        self.client.on_message = lambda _client, _data, message: self.waiting.append(message)

    def run(self) -> None:
        while True:
            try:
                self.client.connect(self.host, self.port, keepalive=5)
                while self.client.loop(timeout=0.02) is MQTTErrorCode.MQTT_ERR_SUCCESS:
                    if self.waiting:
                        self.commit_and_ack()
            except OSError:
                time.sleep(0.05)

    def say_that_it_listens(self) -> None:
        self.db.execute("INSERT OR IGNORE INTO listening VALUES (?)", (os.getpid(),))
        self.db.commit()

    def commit_and_ack(self) -> None:
        messages, self.waiting = self.waiting, []
        heard = set()
        for message in messages:
            topic, payload = parse(message.topic), bytes(message.payload)
            if topic.kind == "ev":
                heard.add(self.take(decode(Envelope, payload), payload))
            elif topic.kind == "telemetry":
                mark = decode(Watermark, payload)
                values = (mark.device, mark.observed_until.isoformat(), mark.last_seq)
                self.db.execute("INSERT OR REPLACE INTO mark VALUES (?, ?, ?)", values)
            else:
                self.db.execute("INSERT OR REPLACE INTO status VALUES (?, ?)", (topic.device, payload))
        self.db.commit()
        for device, epoch in heard:
            ack = encode(Ack(epoch=epoch, seq=self.upto[device, epoch]))
            self.client.publish(str(Topic(self.store, device, "ack")), ack, qos=1)

    def take(self, envelope: Envelope, body: bytes) -> tuple[str, int]:
        key = (envelope.device, envelope.epoch)
        self.db.execute("INSERT INTO arrival VALUES (?)", (envelope.seq,))
        if envelope.seq == self.upto[key] + 1:
            values = (*key, envelope.seq, str(envelope.id), body)
            self.db.execute("INSERT INTO inbox VALUES (?, ?, ?, ?, ?)", values)
            self.upto[key] = envelope.seq
        return key


if __name__ == "__main__":
    CommittingCloud(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]).run()
