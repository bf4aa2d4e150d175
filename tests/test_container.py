"""The container's files, and what the README says of it, fit the command line; ``make walks`` builds the image."""

from __future__ import annotations

import json
import re
from pathlib import Path

from csoundd.cli import COMMANDS
from tests.live.daemon import finished

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
README = (ROOT / "README.md").read_text()


def test_the_image_starts_the_daemon_with_flags_that_there_are(tmp_path: Path) -> None:
    (words,) = (json.loads(line) for line in re.findall(r"^CMD (\[\"serve\".*\])$", DOCKERFILE, re.MULTILINE))
    shown = finished("serve", "--help", folder=tmp_path).stdout
    assert words[0] == "serve"
    for flag in (word for word in words if word.startswith("--")):
        assert f"{flag} " in shown, flag


def test_each_port_of_the_image_is_published_to_this_machine_only() -> None:
    (exposed,) = re.findall(r"^EXPOSE (.*)$", DOCKERFILE, re.MULTILINE)
    published = re.findall(r'- "127\.0\.0\.1:(\d+):(\d+)/(tcp|udp)"', (ROOT / "compose.yaml").read_text())
    assert [f"{inside}/{kind}" for _, inside, kind in published] == exposed.split()
    assert all(outside == inside for outside, inside, _ in published)


def test_what_the_readme_runs_in_the_container_is_there() -> None:
    (service, command, file) = re.findall(r"docker compose exec (\w+)\s+csoundd (\w+) (\S+?)`", README)[0]
    assert f"  {service}:" in (ROOT / "compose.yaml").read_text()
    assert command in COMMANDS
    assert (ROOT / file).is_file()
    assert "examples /workspace/examples" in DOCKERFILE
