"""A copy of the project, and changes of it that people make."""

import shutil
from pathlib import Path

from tests.conftest import ROOT

NEW_MODEL = """-- grain: one row per tenant and session with a question
with

session_messages as (
    select * from {{ ref('stg_ai_chatbot__session_messages') }}
    {{ only_touched(ref('int_sessions_touched'), 'tenant_id, session_id') }}
),

final as (
    select tenant_id, session_id, count(*) as questions_count
    from session_messages
    where role = 'user'
    group by tenant_id, session_id
)

select * from final
"""
#: File, text in it, and what takes its place; no text for a new file.
Edits = list[tuple[str, str, str]]
SESSIONS, SESSIONS_YML = "models/marts/sessions/fct_sessions.sql", "models/marts/sessions/_sessions__models.yml"
TICKETS, TICKETS_YML = "models/marts/tickets/fct_tickets.sql", "models/marts/tickets/_tickets__models.yml"
LINES_SQL = "models/staging/base/base_event_lines.sql"
RULES: Edits = [
    (
        "models/intermediate/sessions/int_session_outcomes_decided.sql",
        "= 0 then 'unanswered'",
        "<= 1 then 'unanswered'",
    ),
    ("models/intermediate/sessions/incremental/int_sessions_questioned.sql", "", NEW_MODEL),
    (
        "dbt_project/macros/time.sql",
        "cast(({{ at }} at time zone {{ timezone }}) as date)",
        "(cast(({{ at }} at time zone {{ timezone }}) as date) + 1)",
    ),
    ("seeds/parameters/human_costs.csv", "default,CNY,2000-01-01,,10.00,", "default,CNY,2000-01-01,,12.50,"),
]
CONTRACT: Edits = [
    ("seeds/contract/event_aliases.csv", "field,value\n", "field,value\norder.lookup,query.order,,\n"),
    ("seeds/contract/event_fields.csv", "ticket.created,", "ticket.created,mood,string,false,\nticket.created,"),
    (
        "seeds/contract/event_fields.csv",
        "session.rating,comment_length,integer,false,",
        "session.rating,comment_length,integer,true,",
    ),
    (
        "models/staging/ticketing/stg_ticketing__tickets.sql",
        "        session_id,\n",
        "        session_id,\n        {{ json_text('payload', 'mood') }} as mood,\n",
    ),
    (TICKETS, "        tickets.session_id,\n", "        tickets.session_id,\n        tickets.mood,\n"),
    (TICKETS_YML, "      - name: status\n", "      - name: mood\n        data_type: text\n      - name: status\n"),
]
#: A column less, another type, and a new column of a ledger.
COLUMNS: Edits = [
    (
        SESSIONS,
        "        conversations.first_ai_response_time_ms,\n",
        "        cast(conversations.first_ai_response_time_ms as numeric(18, 6)) as first_ai_response_time_ms,\n",
    ),
    (
        SESSIONS_YML,
        "      - name: first_ai_response_time_ms\n        data_type: bigint\n",
        "      - name: first_ai_response_time_ms\n        data_type: numeric(18, 6)\n",
    ),
    (SESSIONS, "        handovers.end_reason,\n", ""),
    (
        SESSIONS_YML,
        "      - name: end_reason\n        data_type: text\n        description: "
        '"How the session ended, as the product says: completed, timeout, user_left or error; '
        'null where not logged."\n',
        "",
    ),
    (
        "models/intermediate/tickets/int_tickets_touched.sql",
        "as build_id\n",
        "as build_id,\n        'ticket' as kind\n",
    ),
]
BASE: Edits = [
    (
        LINES_SQL,
        "        case when is_erased",
        "        {{ json_text('known_payload', 'channel') }} as channel,\n        case when is_erased",
    )
]
AFTER_PRUNING: Edits = [
    (TICKETS, "        tickets.mood,\n", "        tickets.mood,\n        tickets.mood as mood_again,\n"),
    (TICKETS_YML, "      - name: mood\n", "      - name: mood_again\n        data_type: text\n      - name: mood\n"),
    (
        SESSIONS,
        "        cast(conversations.first_ai_response_time_ms as numeric(18, 6)) as first_ai_response_time_ms,\n",
        "",
    ),
    (
        SESSIONS_YML,
        "      - name: first_ai_response_time_ms\n        data_type: numeric(18, 6)\n"
        '        description: "Response time of the first timed AI message, milliseconds; null without any."\n',
        "",
    ),
    (
        LINES_SQL,
        "        case when is_erased",
        "        {{ json_text('known_payload', 'role') }} as role,\n        case when is_erased",
    ),
]


def copy_project(project: Path) -> None:
    for part in ("models", "seeds", "dbt_project"):
        shutil.copytree(ROOT / part, project / part)
    for part in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / part, project / part)


def edit(project: Path, edits: Edits) -> None:
    for name, old, new in edits:
        file = project / name
        text = file.read_text() if old else ""
        assert old in text, f"{name} is not what the test changes"
        file.write_text(text.replace(old, new, 1) if old else new)
