"""The business contacts of the customer hub: how they came, what people decided, how promising they are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from ..world.tenant import Tenant
from ..world.thread import Contact
from .message_score import bucket
from .table import Row, write_table
from .thread_history import decided
from .view import View


@dataclass
class _Known:
    """A contact, and the rows of ``fct_threads`` of its threads."""

    tenant: Tenant
    contact: Contact
    threads: list[Row] = field(default_factory=list)


class Contacts:
    """Takes threads that are over, and writes ``dim_contacts`` when the world has ended."""

    def __init__(self, folder: Path, view: View) -> None:
        self._folder = folder
        self._view = view
        self._known: dict[tuple[str, str], _Known] = {}

    def take(self, tenant: Tenant, contact: Contact, thread: Row | None) -> None:
        """A thread with a contact; None where no message of it is seen."""
        known = self._known.setdefault((tenant.tenant_id, contact.contact_id), _Known(tenant, contact))
        known.threads += [] if thread is None else [thread]

    def promotions(self) -> Iterator[tuple[Tenant, float]]:
        """When contacts became customers."""
        for known in self._known.values():
            promoted_at, _ = decided(known.contact, self._view)
            if promoted_at is not None:
                yield known.tenant, promoted_at

    def close(self) -> None:
        """Write the table: contacts of whom anything is seen."""
        rows = (self._row(key[0], known) for key, known in sorted(self._known.items(), key=itemgetter(0)))
        write_table(self._folder / "dim_contacts.csv", (row for row in rows if row["first_seen_at"] is not None))

    def _row(self, tenant_id: str, known: _Known) -> dict[str, Any]:
        contact, view = known.contact, self._view
        created = contact.created if contact.created is not None and view.sees(contact.created) else None
        created_at = None if created is None else view.at(created)
        promoted_at, blocked_at = decided(contact, view)
        firsts = [row["first_message_at"] for row in known.threads]
        scores = [row["best_score"] for row in known.threads if row["best_score"] is not None]
        best = max(scores, default=None)
        stands = "WHITE" if promoted_at is not None else "BLACK" if blocked_at is not None else bucket(best or 0)
        seen = [at for at in (created_at, promoted_at, blocked_at, *firsts) if at is not None]
        promotion = contact.promotion if promoted_at is not None else None
        return {
            "tenant_id": tenant_id,
            "contact_id": contact.contact_id,
            "promoted_event_id": contact.promoted.event_id if contact.promoted and promoted_at is not None else None,
            "blocked_event_id": contact.blocked.event_id if contact.blocked and blocked_at is not None else None,
            "first_seen_at": min(seen, default=None),
            "created_at": created_at,
            "first_message_at": min(firsts, default=None),
            "last_message_at": max((row["last_message_at"] for row in known.threads), default=None),
            "promoted_at": promoted_at,
            "blocked_at": blocked_at,
            "bucket": stands,
            "is_promoted": promoted_at is not None,
            "is_blocked": blocked_at is not None,
            "contact_source": None if created is None else contact.source,
            "k_code": promotion.k_code if promotion else None,
            "region": promotion.region if promotion else None,
            "level": promotion.level if promotion else None,
            "threads_count": len(known.threads),
            "best_score": best,
        }
