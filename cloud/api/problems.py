"""Every error as RFC 9457 problem details."""

import logging
import re
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from cloud.adapters.database.engine import trouble

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
ERRORS_MAX = 20


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    where: Annotated[str, Field(description="Path to the value, such as `body.amount_minor`.")]
    message: str


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: Annotated[str, Field(examples=["urn:tillfree:problem:not-found"])]
    title: Annotated[str, Field(examples=["Not Found"])]
    status: Annotated[int, Field(examples=[404])]
    detail: Annotated[str, Field(examples=["store 'corner' is not known"])]
    errors: list[Fault] | None = None


class ApiError(Exception):
    """A request that cannot be granted. `code` completes the problem's type."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


def not_found(what: str) -> ApiError:
    """404: `what` is not known."""
    return ApiError(404, "not-found", f"{what} is not known")


def conflict(code: str, detail: str) -> ApiError:
    """409: it is known, and otherwise."""
    return ApiError(409, code, detail)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[Fault] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """The response that says so."""
    body = Problem(
        type=f"urn:tillfree:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=errors,
    )
    return JSONResponse(body.model_dump(exclude_none=True), status, headers, media_type=MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The entries for OpenAPI's `responses` of the problems with `statuses`."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}} for status in statuses}


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_exception_handler(PoolTimeoutError, _unavailable)
    app.add_exception_handler(IntegrityError, _collided)
    app.add_exception_handler(Exception, _unexpected)


def _api_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return problem(error.status, error.code, error.detail)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    faults = [
        Fault(where=".".join(str(part) for part in each["loc"]), message=str(each["msg"]))
        for each in found[:ERRORS_MAX]
    ]
    in_path = [fault for fault in faults if fault.where.startswith("path.")]
    if in_path and request.method in {"GET", "HEAD"}:
        # What cannot be an id names nothing that exists.
        return problem(404, "not-found", f"nothing is known under this path: {in_path[0].message}", errors=in_path)
    first = faults[0]
    return problem(422, "invalid", f"the request is not valid: {first.where}: {first.message}", errors=faults)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return problem(422, "invalid", f"the request is not valid: body: it cannot be read as JSON ({error.detail})")
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    headers = dict(error.headers) if error.headers else {}
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request)) or headers.get("Allow", "")
    return problem(error.status_code, code, str(error.detail), headers=headers)


def _methods(request: Request) -> list[str]:
    """The methods of the request's path: each has a route of its own, and the framework names the first one's only."""
    assert isinstance(request.app, FastAPI)
    for path, methods in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)), request.url.path):
            return sorted(method.upper() for method in methods)
    return []


def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError | PoolTimeoutError)
    log.warning("the database is in trouble", extra={"why": trouble(error)})
    detail = f"the database cannot answer now ({trouble(error)}); nothing was changed: try again"
    return problem(503, "database-unavailable", detail, headers={"Retry-After": "2"})


def _collided(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, IntegrityError)
    log.warning("two requests collided", extra={"why": trouble(error)})
    return problem(409, "collision", "another request changed the same thing at the same time; nothing was changed")


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("a request failed", extra={"method": request.method, "path": request.url.path}, exc_info=error)
    return problem(500, "internal", "something went wrong here; it is in the log, and nothing was changed")
