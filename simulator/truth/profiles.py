"""What sessions were like, counted by day: intents, escalations, satisfaction, claims; and where they came from."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from .claims import Claims
from .exact import ratio
from .table import Row, Table, write_table

_Day = tuple[str, date]
IsFinal = Callable[[str, date], bool]
_RESOLVED_BY_AI = frozenset({"confirmed_resolved", "assumed_resolved"})
_ESCALATIONS = ("reason", "keyword", "severity")
_CLAIMS = ("duration_seconds", "message_count", "resolved_by")
_TOUCHES = ("ai_only", "human_touched")


class Profiles:
    """Takes the rows of ``fct_sessions`` but for test sessions, and writes the tables when the world has ended."""

    def __init__(self, folder: Path, counted_claims: Claims) -> None:
        self._folder = folder
        self._counted_claims = counted_claims
        self._claims = Table(folder / "fct_session_claims.csv")
        self._days: defaultdict[_Day, list[Row]] = defaultdict(list)

    def take(self, session: Row) -> None:
        """Keep what is asked for of a session."""
        if session["is_test"]:
            return
        claims = _claims(session)
        if session["has_end_event"]:
            self._claims.add(_claims_row(session, claims))
        for claim, verdict in claims.items():
            if verdict is not None:
                key = session["tenant_id"], session["session_date"], claim
                self._counted_claims.take(*key, differs=verdict == "differs")
        kept = {name: session[name] for name in ("channel", "site", "intent", "is_escalated", "has_human_touch")}
        kept |= {name: session[f"escalation_{name}"] for name in _ESCALATIONS}
        kept |= {"score": session["last_rating_score"], "is_helpful": session["is_last_feedback_helpful"]}
        self._days[session["tenant_id"], session["session_date"]].append(kept)

    def close(self, is_final: IsFinal) -> None:
        """Write the tables. is_final: of a tenant's local day."""
        self._claims.close()
        for name, rows in (
            ("intent_mix_daily", self._intents()),
            ("escalation_mix_daily", self._escalations()),
            ("satisfaction_daily", self._satisfaction()),
        ):
            days = ({**row, "is_final": is_final(row["tenant_id"], row["session_date"])} for row in rows)
            write_table(self._folder / f"{name}.csv", days)
        for what in ("channel", "site"):
            write_table(self._folder / f"dim_{what}s.csv", self._places(what))

    def _each_day(self) -> Iterator[tuple[dict[str, Any], list[Row]]]:
        for (tenant_id, day), sessions in sorted(self._days.items(), key=lambda item: item[0]):
            yield {"tenant_id": tenant_id, "session_date": day}, sessions

    def _intents(self) -> Iterator[Row]:
        for day, sessions in self._each_day():
            for intent, count in _counted(sessions, "intent").items():
                figures = {"intent_sessions_count": count, "sessions_count": len(sessions)}
                yield day | {"intent": intent} | figures | {"intent_share": ratio(count, len(sessions))}

    def _escalations(self) -> Iterator[Row]:
        for day, sessions in self._each_day():
            escalated = sum(session["is_escalated"] for session in sessions)
            for attribute in _ESCALATIONS:
                for value, count in _counted(sessions, attribute).items():
                    yield {
                        **day,
                        "escalation_attribute": attribute,
                        "attribute_value": value,
                        "attribute_sessions_count": count,
                        "escalated_sessions_count": escalated,
                        "escalation_share": ratio(count, escalated),
                    }

    def _satisfaction(self) -> Iterator[Row]:
        for day, sessions in self._each_day():
            for touch in _TOUCHES:
                touched = [session for session in sessions if _TOUCHES[session["has_human_touch"]] == touch]
                if touched:
                    yield day | {"touch": touch} | _judged(touched)

    def _places(self, what: str) -> Iterator[Row]:
        days: defaultdict[tuple[str, str], list[date]] = defaultdict(list)
        for (tenant_id, day), sessions in self._days.items():
            for session in sessions:
                if session[what] is not None:
                    days[tenant_id, session[what]].append(day)
        for (tenant_id, place), seen in sorted(days.items()):
            spans = {"first_session_date": min(seen), "last_session_date": max(seen), "sessions_count": len(seen)}
            yield {"tenant_id": tenant_id, what: place} | spans


def _counted(sessions: list[Row], what: str) -> Counter[Any]:
    """How many sessions have which value, in the order of the values; those without one are left out."""
    return Counter(sorted(session[what] for session in sessions if session[what] is not None))


def _judged(sessions: list[Row]) -> dict[str, Any]:
    scores = [session["score"] for session in sessions if session["score"] is not None]
    words = [session["is_helpful"] for session in sessions if session["is_helpful"] is not None]
    return {
        "sessions_count": len(sessions),
        "rated_sessions_count": len(scores),
        **{f"score_{score}_count": scores.count(score) for score in range(1, 6)},
        "judged_sessions_count": len(words),
        "helpful_count": sum(words),
        "rating_rate": ratio(len(scores), len(sessions)),
        "avg_score": ratio(sum(scores), len(scores)),
        "satisfied_rate": ratio(sum(score >= 4 for score in scores), len(scores)),
        "helpful_rate": ratio(sum(words), len(words)),
    }


def _messages(session: Row) -> int:
    return int(session["user_turns_count"] + session["ai_turns_count"] + session["agent_messages_count"])


def _resolver(session: Row) -> str:
    if session["has_human_touch"]:
        return "human"
    return "ai" if session["outcome"] in _RESOLVED_BY_AI else "none"


def _claims(session: Row) -> dict[str, str | None]:
    """Whether each claim agrees: within a second, to the message, of the same resolver."""
    if not session["has_end_event"]:
        return dict.fromkeys(_CLAIMS)
    differs = {
        "duration_seconds": abs(session["reported_duration_seconds"] - float(session["duration_seconds"])) > 1,
        "message_count": session["reported_message_count"] != _messages(session),
        "resolved_by": session["reported_resolved_by"] != _resolver(session),
    }
    return {claim: "differs" if is_off else "agrees" for claim, is_off in differs.items()}


def _claims_row(session: Row, claims: dict[str, str | None]) -> Row:
    columns = ("tenant_id", "session_id", "session_date", "reported_duration_seconds", "duration_seconds")
    return {
        **{column: session[column] for column in columns},
        "duration_claim": claims["duration_seconds"],
        "reported_message_count": session["reported_message_count"],
        "messages_count": _messages(session),
        "messages_claim": claims["message_count"],
        "reported_resolved_by": session["reported_resolved_by"],
        "resolved_by": _resolver(session),
        "resolver_claim": claims["resolved_by"],
    }
