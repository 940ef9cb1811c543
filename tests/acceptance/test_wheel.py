"""The wheel: built from the project, installed into an environment without the sources, used from another folder."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from command import environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_puts_only_weft_into_site_packages(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"weft", "pytest_weft.py"}
    for wanted in (
        "weft/runtime/py.typed",
        "weft/runtime/authoring/prompts/author.md",
        "weft/runtime/library/find_contradictions.py",
        "weft/sandbox/child.py",
        "weft/linter/__init__.py",
        "weft/primitives/__init__.py",
    ):
        assert wanted in names
    assert "weft/__init__.py" not in names


def test_runs_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    (site,) = home.glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    # A path in a .pth file is searched, but .pth files in it are not read: the sources stay out of reach.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "orca.md").write_text("# Orca\n\nOrca stores every message on disk.\n")
    # It is compiled once, by the first command, also where whoever runs the tests has told Python not to.
    writing = {name: value for name, value in environment().items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [str(home / "bin" / "python"), "-c", "from weft.runtime.cli import main; main()"]

    def weft(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *words], cwd=folder, env=writing, capture_output=True, text=True, check=False)

    ran = weft("run", "What does Orca store?")
    assert ran.returncode == 0, ran.stderr
    assert "Orca stores every message on disk. (orca.md:3" in ran.stdout
    assert weft("replay", "@last").returncode == 0
    where = subprocess.run(
        [command[0], "-c", "import weft.runtime; print(weft.runtime.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(site))
