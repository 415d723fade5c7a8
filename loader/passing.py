"""Which troubles of a database pass by themselves, so that it makes sense to try again.

==========================================================  =========  ==============================================
trouble                                                     try again  why
==========================================================  =========  ==============================================
nobody listens, the connection breaks, the server starts    yes        a restart takes seconds
or stops, it has no connection or memory left
the disk is full (53100)                                    yes        the space may be that of a large query
deadlock, serialization failure, a lock or statement        yes        what was in the way may be gone
timeout, a cancelled statement
a transaction that may only read (25006)                    yes        a standby that is about to take over
a wrong password, user, role, database or certificate       no         somebody has to mend it
no schema, no rights, another version of the schema         no         somebody has to run: loader init
an I/O error of the server's disk, damaged data             no         somebody has to look at it
==========================================================  =========  ==============================================
"""

import psycopg
from psycopg.pq import PGconn, Ping

_PASSING = {
    "25006",  # read_only_sql_transaction
    "25P03",  # idle_in_transaction_session_timeout
    "25P04",  # transaction_timeout
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "53000",  # insufficient_resources
    "53100",  # disk_full
    "53200",  # out_of_memory
    "53300",  # too_many_connections
    "55P03",  # lock_not_available
    "57014",  # query_canceled
    "57P01",  # admin_shutdown
    "57P02",  # crash_shutdown
    "57P03",  # cannot_connect_now
    "57P05",  # idle_session_timeout
}
# Of a refusal at connecting libpq gives no code, only words. Where they are in another language, the outcome is a try
# too many, or one too few.
_FULL = ("too many", "remaining connection slots")
_CERTIFICATE = ("certificate", "does not support SSL")


def is_passing(error: psycopg.Error) -> bool:
    """Whether an error in the midst of work may pass. One without a code is a broken connection."""
    code = error.sqlstate
    if code is None:
        return isinstance(error, psycopg.OperationalError)
    return code in _PASSING or code.startswith("08")


def server_answers(conninfo: str, error: psycopg.Error) -> bool:
    """Whether a server that did not let us in is up: it will not let us in the next time either."""
    words = str(error)
    if any(word in words for word in _FULL):
        return False
    if any(word in words for word in _CERTIFICATE):
        return True
    return PGconn.ping(conninfo.encode()) in {Ping.OK, Ping.NO_ATTEMPT}
