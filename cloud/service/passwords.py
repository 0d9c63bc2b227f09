"""Passwords, as argon2id hashes. Each check takes 64 MiB for a moment, so only a few are made at once."""

import threading

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

AT_ONCE = 2
CHARACTERS_MIN, CHARACTERS_MAX = 12, 200

_slots = threading.BoundedSemaphore(AT_ONCE)


class Passwords:
    """Hashes and checks. `time_cost` and `memory_kib` are argon2's; what they were is in each hash."""

    def __init__(self, time_cost: int = 3, memory_kib: int = 65_536) -> None:
        self._hasher = PasswordHash((Argon2Hasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1),))
        self._nobodys: str | None = None

    def hashed(self, password: str) -> str:
        """What is kept of `password`."""
        with _slots:
            return self._hasher.hash(password)

    def right(self, password: str, kept: str | None) -> bool:
        """Whether `password` is the one that was kept. With None it takes as long, and is not."""
        if self._nobodys is None:
            self._nobodys = self.hashed("nobody has this password")
        with _slots:
            try:
                return self._hasher.verify(password, kept or self._nobodys) and kept is not None
            except PwdlibError:
                return False
