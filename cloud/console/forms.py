"""What a browser sends of a form, and whether it was a page of ours that it was on."""

from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

FIELDS_MAX = 500
BYTES_MAX = 64_000


class BadForm(Exception):
    """A form that is none of ours (403), or that says nothing that can be done (422)."""

    def __init__(self, says: str, status: int = 403) -> None:
        super().__init__(says)
        self.status = status


async def form_of(request: Request) -> dict[str, str]:
    """The fields, each once. BadForm where another site sent it, or it cannot be read."""
    if not _from_here(request):
        raise BadForm("this form was not sent by a page of this console")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BYTES_MAX:
            raise BadForm("this form is too long")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except ValueError:
        raise BadForm("this form cannot be read") from None
    return {name: value.replace("\r\n", " ").strip() for name, value in pairs}


def _from_here(request: Request) -> bool:
    """By what browsers say of where a form comes from; a token in the form is asked for as well."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
