"""A broker's address, as a person writes it.

    mqtt://[user:password@]host[:port]
    mqtts://[user:password@]host[:port][?ca=FILE&cert=FILE&key=FILE]     TLS

`ca` is the authority that signed the broker's certificate, where the system's do not know it; `cert` and `key` are what
this device or service proves itself with.
"""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from protocol.errors import TillfreeError

PORTS = {"mqtt": 1883, "mqtts": 8883}
FILES = ("ca", "cert", "key")


class BrokerAddressError(TillfreeError):
    """A URL that is no broker's address, or names a file that is not there. The message shows no password."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is. `str` leaves the password out, so that it may stand in logs."""

    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{user}{host}:{self.port}"

    @classmethod
    def parse(cls, url: str) -> "BrokerAddress":
        """The address that `url` writes out; BrokerAddressError says what is wrong with it."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise BrokerAddressError(f"the broker's URL does not read: {error}: write mqtt://HOST:PORT") from None
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        if parts.scheme not in PORTS:
            raise BrokerAddressError(f"broker {shown!r}: write mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS")
        if not host or parts.path not in ("", "/") or parts.fragment:
            raise BrokerAddressError(f"broker {shown!r}: write host and port and no path after them: mqtt://HOST:PORT")
        tls = parts.scheme == "mqtts"
        return cls(
            host=host,
            port=port or PORTS[parts.scheme],
            tls=tls,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            **_files(parts.query, shown, tls=tls),
        )


def _files(query: str, shown: str, *, tls: bool) -> dict[str, Path]:
    files = {name: Path(path).expanduser() for name, path in parse_qsl(query, keep_blank_values=True)}
    unknown = [name for name in files if name not in FILES]
    if unknown or (files and not tls):
        raise BrokerAddressError(
            f"broker {shown!r}: after ? only ca=, cert= and key= may stand, and only with mqtts://"
        )
    for name, path in files.items():
        if not path.is_file():
            raise BrokerAddressError(f"broker {shown!r}: {name}: {path} is no file that can be read")
    if "key" in files and "cert" not in files:
        raise BrokerAddressError(f"broker {shown!r}: a key without the certificate it belongs to: give cert= as well")
    return files
