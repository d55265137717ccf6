"""Make a fresh clone ready to run: packages, style sheets, translations. Called by `make`.

Needs only Python 3.11. A step is skipped when what it starts from has not changed since it last went well;
its stamp lies in the virtual environment, so that removing `.venv` starts over.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
REQUIREMENTS = ROOT / "requirements"


class SetupFailed(Exception):
    """The machine lacks something that a step cannot fetch."""


@dataclass(frozen=True)
class Step:
    """Something to have ready: done again when `made` is gone or `inputs` changed."""

    title: str
    run: Callable[[], None]
    inputs: Sequence[Path]
    made: Sequence[Path]

    @property
    def stamp(self) -> Path:
        return STAMPS / self.title.lower().replace(" ", "-")

    def digest(self) -> str:
        contents = b"\0".join(path.read_bytes() for path in self.inputs)
        return hashlib.sha256(contents).hexdigest()

    def is_done(self) -> bool:
        kept = self.stamp.read_text() if self.stamp.exists() else ""
        return kept == self.digest() and all(path.exists() for path in self.made)

    def mark_done(self) -> None:
        STAMPS.mkdir(exist_ok=True)
        self.stamp.write_text(self.digest())


def steps(requirements: Path) -> list[Step]:
    """What has to be there, in order."""
    packages = [ROOT / "package.json", ROOT / "package-lock.json"]
    vendor = ROOT / "scripts" / "vendor.py"
    sources = sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po"))
    compiled = [source.with_suffix(".mo") for source in sources]
    install_python = partial(install, requirements)
    return [
        Step("Python environment", make_environment, [], [PYTHON]),
        Step(f"Python packages for {requirements.stem}", install_python, [requirements], [PYTHON]),
        Step("Style sheets and typeface", install_front_end, packages, [ROOT / "node_modules"]),
        Step("Static files", partial(run, PYTHON, vendor), [*packages, vendor], [ROOT / "static" / "vendor"]),
        Step("Translations", partial(compile_translations, sources), sources, compiled),
    ]


def run(*command: str | Path, **environment: str) -> None:
    """Run a command of the step; when it fails the set-up ends there, with the command's own words."""
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True, env=os.environ | environment)


def make_environment() -> None:
    """A virtual environment of the project's own, unless somebody made one already."""
    if PYTHON.exists():
        return
    if find_spec("ensurepip") is None:
        raise SetupFailed("this Python has no venv; on Debian and Ubuntu: apt install python3-venv")
    venv.create(VENV, with_pip=True)


def install(requirements: Path) -> None:
    """Install exactly the locked files, checked by their hashes; with uv where it is, as it is quicker."""
    if uv := shutil.which("uv"):
        run(uv, "pip", "install", "--python", PYTHON, "--require-hashes", "-r", requirements)
    else:
        show_progress_of_pip("install", "--require-hashes", "-r", str(requirements))


def show_progress_of_pip(*arguments: str) -> None:
    """Run pip and count packages: all that it says is too much to read, and silence is too long."""
    command = [str(PYTHON), "-m", "pip", *arguments, "--progress-bar", "off", "--disable-pip-version-check"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as pip:
        assert pip.stdout is not None
        collected = 0
        for line in pip.stdout:
            if line.startswith("Collecting "):
                collected += 1
                if collected % 10 == 0:
                    say(f"      {collected} packages …")
            elif line.startswith("Installing "):
                say(f"      installing {collected} packages …")
    if pip.returncode:
        raise subprocess.CalledProcessError(pip.returncode, command)


def install_front_end() -> None:
    """Fetch the npm packages of the lock file; npm itself comes from a Python package where it is absent."""
    npm = shutil.which("npm")
    if npm is None:
        say("      npm is not installed here: taking it into .venv")
        install(REQUIREMENTS / "node.txt")
        npm = str(VENV / "bin" / "npm")
    run(npm, "ci", PATH=f"{os.environ['PATH']}{os.pathsep}{VENV / 'bin'}")


def compile_translations(catalogues: Sequence[Path]) -> None:
    """Compile with Babel, which needs none of gettext's tools."""
    for catalogue in catalogues:
        locale = catalogue.parents[1].name
        target = catalogue.with_suffix(".mo")
        run(VENV / "bin" / "pybabel", "--quiet", "compile", "-l", locale, "-i", catalogue, "-o", target)


def say(text: str) -> None:
    print(text, flush=True)


def carry_out(step: Step, prefix: str) -> None:
    """Do one step, unless it is done already, and say how it went."""
    if step.is_done():
        say(f"{prefix}: ready")
        return
    say(f"{prefix} …")
    began = time.monotonic()
    step.run()
    step.mark_done()
    say(f"{prefix}: done in {time.monotonic() - began:.0f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--test", action="store_true", help="also what the tests and linters need")
    requirements = REQUIREMENTS / ("test.txt" if parser.parse_args().test else "runtime.txt")
    todo = steps(requirements)
    for number, step in enumerate(todo, start=1):
        prefix = f"[{number}/{len(todo)}] {step.title}"
        try:
            carry_out(step, prefix)
        except (SetupFailed, subprocess.CalledProcessError) as failure:
            say(f"{prefix} failed: {failure}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
