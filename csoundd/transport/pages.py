"""Pages that the daemon writes itself: whole in one file, with nothing from elsewhere and nothing that could be put in.

What a page is made of is known here, so its policy names its one style and its one script by their SHA-256, and a
browser runs no other.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import Final

from starlette.responses import Response

_INLINE: Final = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)

STYLE: Final = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem; padding: 0 1rem }
h1 { line-height: 1.2 }
code { overflow-wrap: anywhere }
button, input { font: inherit; padding: .6rem .8rem; width: 100%; box-sizing: border-box; margin: .3rem 0 }
[hidden] { display: none }
"""
"""The look of all of them."""


def page(text: str) -> Response:
    """A page whose only style and script are those in ``text``; it may fetch from the daemon alone."""
    allowed: dict[str, str] = {}
    for kind, content in _INLINE.findall(text):
        allowed[kind] = f"; {kind}-src 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
    policy = "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    headers = {
        "content-security-policy": policy + "".join(allowed.values()),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return Response(text, media_type="text/html", headers=headers)
