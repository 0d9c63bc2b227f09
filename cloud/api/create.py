"""The API as one ASGI application."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI, Security
from fastapi.responses import HTMLResponse
from fastapi.security import HTTPBearer

from cloud.api import once, problems
from cloud.api.docs_page import docs_page
from cloud.api.door import Door
from cloud.api.guards import BodyLimit
from cloud.api.permissions import RULES, V1
from cloud.api.problems import Problem, documented
from cloud.api.rim import Rim
from cloud.api.routes import (
    accounts,
    alerts,
    audit,
    commands,
    debts,
    disputes,
    erasures,
    evidence,
    health,
    hooks,
    keys,
    ledger,
    live,
    operators,
    payment_methods,
    products,
    promotions,
    quarantine,
    receipt_forms,
    refunds,
    reports,
    reviews,
    settlements,
    signing_in,
    standing,
    statements,
    stores,
    taxes,
    tokens,
    visits,
    webhooks,
)
from cloud.api.watching import Watched
from cloud.console.app import create_console

DESCRIPTION = """Stores, accounts, products, visits and what they were charged.

Amounts are whole minor units with an ISO 4217 currency. Moments are RFC 3339 in UTC. Lists come in pages: `next` of a
page is the `cursor` of the following one. Every error is `application/problem+json` (RFC 9457). A POST needs an
`Idempotency-Key`; sent again with the same key and body, it is answered as before and not done twice."""


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The description, with the problem's schema, which no route returns by type."""
        spec = super().openapi()
        schemas = spec["components"]["schemas"]
        if "Problem" not in schemas:
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs", {}))
            schemas["Problem"] = problem
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
        return spec


def create_api(rim: Rim, *, api_key: str | None, body_bytes_max: int) -> FastAPI:
    """The API on `rim`; `api_key` is asked for under /v1, where there is one."""
    app = _Api(title="Tillfree", version=version("tillfree"), description=DESCRIPTION, docs_url=None, redoc_url=None)
    app.state.rim = rim
    problems.install(app)
    once.install(app)
    # Who asks is found out at the door, before anything is read; here it is only described.
    bearer = Security(
        HTTPBearer(auto_error=False, description="TILLFREE_API_KEY, a key, or a token of POST /v1/token.")
    )
    refusals = documented(401, 403, 413, 422, 429, 500, 503)
    v1 = APIRouter(prefix=V1, dependencies=[bearer], responses=refusals)
    for part in (
        signing_in,
        operators,
        keys,
        audit,
        stores,
        alerts,
        commands,
        standing,
        products,
        taxes,
        promotions,
        accounts,
        tokens,
        statements,
        payment_methods,
        visits,
        live,
        evidence,
        settlements,
        receipt_forms,
        reviews,
        disputes,
        erasures,
        refunds,
        debts,
        ledger,
        reports,
        hooks,
        quarantine,
    ):
        v1.include_router(part.router)
    app.include_router(v1)
    app.include_router(signing_in.open_router, prefix=V1, responses=refusals)
    app.include_router(health.router)
    app.include_router(webhooks.router)

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()))

    app.mount("/console", create_console(app))
    _require_rules(app)
    app.add_middleware(Door, api_key=api_key)
    app.add_middleware(BodyLimit, bytes_max=body_bytes_max)
    app.add_middleware(Watched)
    return app


def _require_rules(app: FastAPI) -> None:
    """A route that nobody decided about is not served."""
    served = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if path.startswith(f"{V1}/")
    }
    different = served ^ set(RULES)
    assert not different, f"cloud/api/permissions.py and the routes differ: {sorted(different)}"
