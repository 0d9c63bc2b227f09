"""Who asks, and what the roles allow. A route says which scope it needs; whoever has the scope may use it.

An operator has the scopes of a role, a machine those that its key names, and a shopper none: a shopper sees what is
their own, wherever a route says so. Each of them belongs to one store, or (operators and machines) to all.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Scope(StrEnum):
    """Something that may be done in a store."""

    STORE_READ = "store.read"
    STORE_WRITE = "store.write"
    CATALOGUE_READ = "catalogue.read"
    CATALOGUE_WRITE = "catalogue.write"
    ACCOUNTS_READ = "accounts.read"
    ACCOUNTS_WRITE = "accounts.write"
    MONEY_WRITE = "money.write"
    VISITS_READ = "visits.read"
    DISPUTES_OPEN = "disputes.open"
    REVIEWS_READ = "reviews.read"
    REVIEWS_DECIDE = "reviews.decide"
    EVIDENCE_SEE = "evidence.see"
    """Clips of people's hands: for those who decide, not for everybody who reads."""
    LEDGER_READ = "ledger.read"
    REPORTS_READ = "reports.read"
    HOOKS_READ = "hooks.read"
    HOOKS_WRITE = "hooks.write"
    QUARANTINE_READ = "quarantine.read"
    PEOPLE_ERASE = "people.erase"
    """Forget accounts and visits; it cannot be undone."""
    ERASURES_READ = "erasures.read"
    STAFF = "staff"
    """Operators and keys: who may do what."""
    AUDIT_READ = "audit.read"


class Role(StrEnum):
    """What an operator is."""

    OWNER = "owner"
    OPERATOR = "operator"
    REVIEWER = "reviewer"
    READ_ONLY = "read-only"


_ABOUT_PEOPLE = frozenset({Scope.STAFF, Scope.AUDIT_READ})
_READS = frozenset(scope for scope in Scope if scope.value.endswith(".read")) - _ABOUT_PEOPLE

SCOPES_OF: dict[Role, frozenset[Scope]] = {
    Role.OWNER: frozenset(Scope),
    Role.OPERATOR: frozenset(Scope) - _ABOUT_PEOPLE,
    Role.REVIEWER: frozenset(
        {
            Scope.STORE_READ,
            Scope.CATALOGUE_READ,
            Scope.VISITS_READ,
            Scope.REVIEWS_READ,
            Scope.REVIEWS_DECIDE,
            Scope.EVIDENCE_SEE,
        }
    ),
    Role.READ_ONLY: _READS,
}

MACHINE_SCOPES = frozenset(Scope) - _ABOUT_PEOPLE
"""What a machine's key may name: who may do what is decided by people."""

EVERY_STORE = ""
"""Stands for the store of whoever belongs to all of them."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `account` is a shopper's own; `store` EVERY_STORE where it is all of them."""

    kind: Literal["operator", "machine", "shopper"]
    id: str
    store: str
    scopes: frozenset[Scope] = frozenset()
    account: str | None = None

    def belongs_to(self, store: str) -> bool:
        """Whether `store` is theirs."""
        return self.store in (EVERY_STORE, store)

    @property
    def all_stores(self) -> bool:
        """Whether every store is theirs."""
        return self.store == EVERY_STORE


def operator(name: str, store: str, role: Role) -> Principal:
    """An operator who has shown who they are."""
    return Principal("operator", name, store, SCOPES_OF[role])


SETTING_UP = Principal("machine", "this-machine", EVERY_STORE, MACHINE_SCOPES)
"""Whoever asks from this machine while nobody has been given a password or a key."""

SETTING_KEY = Principal("machine", "api-key", EVERY_STORE, MACHINE_SCOPES)
"""Whoever knows TILLFREE_API_KEY."""
