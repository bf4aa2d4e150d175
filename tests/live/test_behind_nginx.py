"""The page behind nginx, which serves the daemon in a folder: it connects, sets, uploads and is heard below that."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from csoundd.access import TokenStore
from tests.live.browser import CHROMIUM, phone_page
from tests.live.daemon import serving
from tests.live.pieces import TONE
from tests.live.test_phone import HEARING

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
    pytest.mark.timeout(240),
]

SETTINGS = """daemon off; master_process off; error_log stderr; pid {folder}/nginx.pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port};
    location /csoundd/ {{
      proxy_pass http://127.0.0.1:{daemon}/;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Prefix /csoundd;
      proxy_buffering off;
    }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path, daemon: int) -> Iterator[str]:
    """The address of nginx in front of a daemon."""
    assert NGINX is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = folder / "nginx.conf"
    settings.write_text(SETTINGS.format(folder=folder, port=port, daemon=daemon))
    with subprocess.Popen([NGINX, "-c", str(settings), "-e", "stderr"], stderr=subprocess.DEVNULL) as process:
        try:
            yield f"http://127.0.0.1:{port}/csoundd/"
        finally:
            process.terminate()


def test_a_page_below_a_folder_plays(tmp_path: Path) -> None:
    workspace, folder, state = tmp_path / "workspace", tmp_path / "nginx", tmp_path / "state"
    workspace.mkdir()
    folder.mkdir()
    (workspace / "tone.orc").write_text(TONE + 'chnset 440, "freq"\n')
    token, _ = TokenStore(state).create("page", "compile")
    with (
        serving(workspace, "tone.orc", "--state", state, "--trusted-proxy", "127.0.0.1") as daemon,
        nginx(folder, daemon.port) as address,
        phone_page(tmp_path / "phone", None) as page,
    ):
        page.before_each_page(HEARING)
        page.before_each_page(f"localStorage.setItem('csoundd token /csoundd/', '{token}')")
        page.open(address)
        page.tap("each.localName === 'button' && /^\\s*listen/i.test(each.innerText) && !each.disabled")
        page.wait("Math.abs(pitch() - 440) < 5")
        loaded = page.value("performance.getEntriesByType('resource').map(({ name }) => name)")
        assert [name for name in loaded if not name.startswith(address)] == []
        bearer = f"headers: {{ authorization: 'Bearer {token}' }}"
        assert (
            page.value(f"fetch('files/new.txt', {{ method: 'PUT', body: 'hello', {bearer} }}).then(a => a.status)")
            == 201
        )
    assert (workspace / "new.txt").read_text() == "hello"
