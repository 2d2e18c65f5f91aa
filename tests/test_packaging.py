"""What is installed: a package that finds its knowledge from anywhere, and holds all of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from expert import __version__
from tests.conftest import REPOSITORY

SOURCES = ("expert", "knowledge", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of what a build needs, so that builds leave nothing behind and do not meet each other."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name in SOURCES:
        path = REPOSITORY / name
        ignored = shutil.ignore_patterns("__pycache__")
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=ignored)
        else:
            shutil.copy(path, folder / name)
    return folder


def pip(*words: str) -> None:
    """Run pip without a network: everything but the package itself is here already."""
    without = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation")
    output = subprocess.run(
        [sys.executable, "-m", "pip", *words, *without], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert output.returncode == 0, output.stderr


def install(tmp_path: Path, *words: str) -> Path:
    """Install into a fresh environment that sees the other packages of this one, and return its scripts."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    scripts, packages = (Path(sysconfig.get_path(name, vars={"base": str(home), "platbase": str(home)}, scheme="venv"))
                         for name in ("scripts", "purelib"))  # fmt: skip
    output = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(scripts / "python"), "install", *words, "--quiet", "--no-deps",
         "--disable-pip-version-check", "--no-build-isolation"],
        env={**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert output.returncode == 0, output.stderr
    others = packages / "zz_others.pth"  # read last: what is installed here comes first
    others.write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return scripts


def check_installed(scripts: Path, elsewhere: Path, home: Path) -> None:
    """The command works from another folder, with the knowledge that came with it."""
    elsewhere.mkdir()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def output(*words: str) -> str:
        return subprocess.run(
            words, cwd=elsewhere, env=environment, capture_output=True, text=True, encoding="utf-8", check=True
        ).stdout

    assert output(str(scripts / "expert"), "--version") == f"expert, version {__version__}\n"
    assert json.loads(output(str(scripts / "expert"), "assess", "age=45", "--format", "json"))["given"] == {
        "age": "45 years"
    }
    output(str(scripts / "expert"), "new", "base", "asthma")
    assert (elsewhere / "asthma" / ".pre-commit-config.yaml").is_file()
    assert "passed, 0 failed" in output(str(scripts / "expert"), "test", "--knowledge", "asthma/knowledge")
    mine = elsewhere / "my-ladder"
    shutil.copytree(REPOSITORY / "knowledge", mine)
    rule = mine / "rules" / "fusion.yaml"
    rule.write_text(rule.read_text("utf-8").replace("facet_removed > 2/3", "facet_removed > 1/3"), "utf-8")
    for path in ("my-ladder", "my-ladder/rules/fusion.test.yaml"):
        tested = subprocess.run(
            [str(scripts / "expert"), "test", path], cwd=elsewhere, env=environment, capture_output=True, check=False
        )
        assert (tested.returncode, tested.stderr) == (1, b"")  # against the edited rules, not the shipped ones
    code = "import expert.read.knowledge as k, expert; print(expert.__file__); print(k.shipped_knowledge())"
    package, knowledge = output(str(scripts / "python"), "-c", code).splitlines()
    assert Path(package).is_relative_to(home)
    assert Path(knowledge).is_relative_to(home)


def test_an_installed_package_finds_its_knowledge_from_anywhere(tmp_path: Path, source: Path) -> None:
    scripts = install(tmp_path, str(source))
    shutil.rmtree(source)
    check_installed(scripts, tmp_path / "elsewhere", tmp_path / "venv")


def test_an_editable_install_uses_the_knowledge_next_to_the_package(tmp_path: Path, source: Path) -> None:
    scripts = install(tmp_path, "--editable", str(source))
    check_installed(scripts, tmp_path / "elsewhere", source)


def test_a_wheel_holds_the_program_and_all_of_its_knowledge(tmp_path: Path, source: Path) -> None:
    pip("wheel", str(source), "--wheel-dir", str(tmp_path))
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    code = {str(path.relative_to(source)) for path in (source / "expert").rglob("*.py")}
    code |= {str(path.relative_to(source)) for path in (source / "expert/check").rglob("*.*") if path.suffix != ".pyc"}
    texts = {f"expert/{path.relative_to(source)}" for path in (source / "knowledge").rglob("*.yaml")}
    assert code - held == set()
    assert texts - held == set()
    assert {"expert/py.typed", "expert/knowledge/README.md", "expert/render/answer.schema.json"} - held == set()
    assert len(texts) > 30
    assert not [name for name in held if name.startswith(("tests/", "benchmarks/", "knowledge/"))]


def test_the_classifiers_and_the_readme_name_the_versions_that_continuous_integration_runs() -> None:
    runs = re.findall(r"PYTHON=python(3\.\d+)", (REPOSITORY / ".ci" / "run").read_text("utf-8"))
    named = re.findall(r"Python :: (3\.\d+)", (REPOSITORY / "setup.cfg").read_text("utf-8"))
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    assert named == runs
    assert f"of which continuous integration runs {', '.join(runs)}." in readme
