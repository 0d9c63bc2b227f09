"""Who may use which route: one table. A route that is not in it cannot be served, and a test says so.

`own` says what a shopper's key may reach there: the account in the path, or the visit in the path if its account is
theirs. A route without a store in its path shows what belongs to the asker (`/stores`), or is for those to whom every
store belongs (`all_stores`).
"""

import re
from dataclasses import dataclass
from typing import Literal

from cloud.domain.access import Scope

V1 = "/v1"
_STORE = f"{V1}/stores/{{store}}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route. No `scope`: everybody who has shown who they are; `public`: everybody."""

    scope: Scope | None = None
    own: Literal["account", "visit"] | None = None
    all_stores: bool = False
    public: bool = False


_PUBLIC, _ANYBODY = Rule(public=True), Rule()


def _reading(scope: Scope, *parts: str) -> dict[tuple[str, str], Rule]:
    return {("GET", f"{_STORE}/{part}"): Rule(scope) for part in parts}


RULES: dict[tuple[str, str], Rule] = {
    ("POST", f"{V1}/login"): _PUBLIC,
    ("POST", f"{V1}/token"): _PUBLIC,
    ("POST", f"{V1}/logout"): _ANYBODY,
    ("GET", f"{V1}/me"): _ANYBODY,
    ("GET", f"{V1}/operators"): Rule(Scope.STAFF, all_stores=True),
    ("GET", f"{V1}/operators/{{operator}}"): Rule(Scope.STAFF, all_stores=True),
    ("PUT", f"{V1}/operators/{{operator}}"): Rule(Scope.STAFF, all_stores=True),
    ("GET", f"{V1}/audit"): Rule(Scope.AUDIT_READ, all_stores=True),
    ("GET", f"{V1}/quarantine"): Rule(Scope.QUARANTINE_READ, all_stores=True),
    ("GET", f"{V1}/stores"): Rule(Scope.STORE_READ),
    ("GET", _STORE): Rule(Scope.STORE_READ),
    ("PUT", _STORE): Rule(Scope.STORE_WRITE),
    **_reading(Scope.STAFF, "operators", "operators/{operator}", "keys"),
    ("PUT", f"{_STORE}/operators/{{operator}}"): Rule(Scope.STAFF),
    ("POST", f"{_STORE}/keys"): Rule(Scope.STAFF),
    ("POST", f"{_STORE}/keys/{{key_id}}/rotation"): Rule(Scope.STAFF),
    ("DELETE", f"{_STORE}/keys/{{key_id}}"): Rule(Scope.STAFF),
    **_reading(Scope.AUDIT_READ, "audit"),
    **_reading(Scope.STORE_READ, "devices", "standing", "alerts", "trading"),
    ("PUT", f"{_STORE}/alerts/{{alert}}/seen"): Rule(Scope.STORE_WRITE),
    ("POST", f"{_STORE}/devices/{{device}}/commands"): Rule(Scope.STORE_WRITE),
    ("GET", f"{_STORE}/devices/{{device}}/commands/{{command}}"): Rule(Scope.STORE_READ),
    ("PUT", f"{_STORE}/devices/{{device}}"): Rule(Scope.STORE_WRITE),
    ("DELETE", f"{_STORE}/devices/{{device}}"): Rule(Scope.STORE_WRITE),
    **_reading(
        Scope.CATALOGUE_READ,
        "products",
        "products/{sku}",
        "products/{sku}/prices",
        "tax-rates",
        "promotions",
        "promotions/{promotion}",
    ),
    ("PUT", f"{_STORE}/products/{{sku}}"): Rule(Scope.CATALOGUE_WRITE),
    ("POST", f"{_STORE}/products/{{sku}}/prices"): Rule(Scope.CATALOGUE_WRITE),
    ("POST", f"{_STORE}/tax-rates/{{category}}"): Rule(Scope.CATALOGUE_WRITE),
    ("PUT", f"{_STORE}/promotions/{{promotion}}"): Rule(Scope.CATALOGUE_WRITE),
    **_reading(Scope.ACCOUNTS_READ, "accounts"),
    ("POST", f"{_STORE}/accounts"): Rule(Scope.ACCOUNTS_WRITE),
    ("POST", f"{_STORE}/accounts/{{account}}/erasure"): Rule(Scope.PEOPLE_ERASE),
    ("POST", f"{_STORE}/visits/{{visit}}/erasure"): Rule(Scope.PEOPLE_ERASE),
    **_reading(Scope.ERASURES_READ, "erasures"),
    ("GET", f"{_STORE}/accounts/{{account}}"): Rule(Scope.ACCOUNTS_READ, own="account"),
    ("PUT", f"{_STORE}/accounts/{{account}}"): Rule(Scope.ACCOUNTS_WRITE),
    ("POST", f"{_STORE}/accounts/{{account}}/tokens"): Rule(Scope.ACCOUNTS_WRITE),
    ("GET", f"{_STORE}/accounts/{{account}}/tokens"): Rule(Scope.ACCOUNTS_READ, own="account"),
    ("DELETE", f"{_STORE}/accounts/{{account}}/tokens/{{token_sha256}}"): Rule(Scope.ACCOUNTS_WRITE),
    ("GET", f"{_STORE}/accounts/{{account}}/statement"): Rule(Scope.ACCOUNTS_READ, own="account"),
    ("POST", f"{_STORE}/accounts/{{account}}/keys"): Rule(Scope.ACCOUNTS_WRITE),
    ("POST", f"{_STORE}/accounts/{{account}}/top-ups"): Rule(Scope.MONEY_WRITE),
    ("GET", f"{_STORE}/accounts/{{account}}/visits"): Rule(Scope.VISITS_READ, own="account"),
    ("GET", f"{_STORE}/accounts/{{account}}/payment-method"): Rule(Scope.ACCOUNTS_READ, own="account"),
    ("PUT", f"{_STORE}/accounts/{{account}}/payment-method"): Rule(Scope.ACCOUNTS_WRITE),
    **_reading(Scope.VISITS_READ, "visits", "settlements", "settlements/{visit}", "receipts"),
    ("GET", f"{_STORE}/visits/{{visit}}"): Rule(Scope.VISITS_READ, own="visit"),
    ("GET", f"{_STORE}/visits/{{visit}}/receipt"): Rule(Scope.VISITS_READ, own="visit"),
    ("GET", f"{_STORE}/visits/{{visit}}/receipts"): Rule(Scope.VISITS_READ, own="visit"),
    ("GET", f"{_STORE}/visits/{{visit}}/receipt.html"): Rule(Scope.VISITS_READ, own="visit"),
    ("GET", f"{_STORE}/visits/{{visit}}/receipt.pdf"): Rule(Scope.VISITS_READ, own="visit"),
    ("GET", f"{_STORE}/visits/{{visit}}/live"): Rule(Scope.VISITS_READ, own="visit"),
    ("GET", f"{_STORE}/visits/{{visit}}/evidence"): Rule(Scope.REVIEWS_READ),
    ("GET", f"{_STORE}/visits/{{visit}}/evidence/{{sha256}}"): Rule(Scope.EVIDENCE_SEE),
    **_reading(Scope.HOOKS_READ, "hooks", "hooks/{hook}", "hooks/{hook}/deliveries"),
    ("PUT", f"{_STORE}/hooks/{{hook}}"): Rule(Scope.HOOKS_WRITE),
    ("POST", f"{_STORE}/hooks/{{hook}}/deliveries/{{delivery}}/replay"): Rule(Scope.HOOKS_WRITE),
    **_reading(Scope.REPORTS_READ, "reports/sales", "reports/best-sellers", "reports/stock"),
    ("POST", f"{_STORE}/visits/{{visit}}/disputes"): Rule(Scope.DISPUTES_OPEN, own="visit"),
    ("POST", f"{_STORE}/visits/{{visit}}/refunds"): Rule(Scope.MONEY_WRITE),
    **_reading(Scope.REVIEWS_READ, "reviews", "reviews/{visit}/{line}", "disputes", "disputes/{dispute}"),
    ("POST", f"{_STORE}/reviews/{{visit}}/{{line}}/claim"): Rule(Scope.REVIEWS_DECIDE),
    ("POST", f"{_STORE}/reviews/{{visit}}/{{line}}/decision"): Rule(Scope.REVIEWS_DECIDE),
    ("POST", f"{_STORE}/disputes/{{dispute}}/decision"): Rule(Scope.REVIEWS_DECIDE),
    **_reading(Scope.LEDGER_READ, "refunds", "debts", "ledger/entries", "ledger/balance", "ledger/reconciliations"),
    ("POST", f"{_STORE}/debts/{{visit}}/{{number}}/attempts"): Rule(Scope.MONEY_WRITE),
    ("POST", f"{_STORE}/debts/{{visit}}/{{number}}/write-off"): Rule(Scope.MONEY_WRITE),
}

_PATTERNS = {path: re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))) for _, path in RULES}


@dataclass(frozen=True, slots=True)
class Place:
    """A path that is served: its template, the values in it, and the rules of its methods."""

    template: str
    values: dict[str, str]
    rules: dict[str, Rule]


def place_of(path: str) -> Place | None:
    """What `path` is; None where nothing is served there."""
    for template, pattern in _PATTERNS.items():
        match = pattern.fullmatch(path)
        if match is not None:
            rules = {method: rule for (method, of), rule in RULES.items() if of == template}
            return Place(template, match.groupdict(), rules)
    return None
