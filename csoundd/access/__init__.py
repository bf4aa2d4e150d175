"""Who may do what: tokens, the channels they are limited to, tickets, and the record of what was refused.

Knows no socket: a transport brings a token or an address, and is given a grant.
"""

from __future__ import annotations

from csoundd.access.audit import AuditLog
from csoundd.access.authenticator import HOW_TO_MAKE_ONE, Authenticator, AuthMode
from csoundd.access.grants import EVERYTHING, NOTHING, RISING, ChannelGlobs, Grant, grant_up_to
from csoundd.access.quotas import Quota, Quotas, SourceRates, TokenBucket
from csoundd.access.tokens import TokenRecord, TokenStore

__all__ = [
    "EVERYTHING",
    "HOW_TO_MAKE_ONE",
    "NOTHING",
    "RISING",
    "AuditLog",
    "AuthMode",
    "Authenticator",
    "ChannelGlobs",
    "Grant",
    "Quota",
    "Quotas",
    "SourceRates",
    "TokenBucket",
    "TokenRecord",
    "TokenStore",
    "grant_up_to",
]
