"""The image of a real installation is built, and its command runs in it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module

import pytest

from tests.conftest import engine_answers
from tests.embedded.amends_process import ROOT

IMAGE = "amends-under-test"


def _where_packages_come_from() -> dict[str, str]:
    """Pip's own settings on this machine, where they mean something inside a container too."""
    said = {name: os.environ.get(name, "") for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")}
    if not said["PIP_INDEX_URL"]:
        asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
        said["PIP_INDEX_URL"] = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return {name: address for name, address in said.items() if address.startswith("http")}


@pytest.mark.skipif(not engine_answers(), reason="no container engine answers (DOCKER_HOST)")
def test_the_image_is_built_and_its_command_runs_in_it() -> None:
    engine = import_module("docker").from_env(timeout=600)  # by name: to a type checker, `docker` is our folder of that name
    try:
        engine.images.build(
            path=str(ROOT),
            dockerfile="docker/Dockerfile",
            tag=IMAGE,
            network_mode="host",
            buildargs=_where_packages_come_from(),
            rm=True,
        )
        said = engine.containers.run(IMAGE, ["--help"], remove=True).decode()
        assert "worker" in said
        signed = engine.containers.run(IMAGE, ["token", "--role", "hq_agent"], remove=True).decode()
        assert signed.count(".") == 2
        account = engine.containers.run(IMAGE, ["-u"], entrypoint="id", remove=True).decode().strip()
        assert account != "0"
    finally:
        engine.close()
