"""A broker's address, as a person writes it: mqtt://[user:password@]host[:port], or mqtts:// for TLS."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from edge.delivery.errors import DeliveryError

_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is. `str` leaves the password out, so that it may stand in logs."""

    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{user}{host}:{self.port}"

    @classmethod
    def parse(cls, url: str) -> "BrokerAddress":
        """The address that `url` writes out; DeliveryError says what is wrong with it, and shows no password."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise DeliveryError(f"the broker's URL does not read: {error}: write mqtt://HOST:PORT") from None
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        if parts.scheme not in _PORTS:
            raise DeliveryError(f"broker {shown!r}: write mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS")
        if not host or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise DeliveryError(f"broker {shown!r}: write host and port and nothing after them: mqtt://HOST:PORT")
        return cls(
            host=host,
            port=port or _PORTS[parts.scheme],
            tls=parts.scheme == "mqtts",
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )
