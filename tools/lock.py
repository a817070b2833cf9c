"""Write the locks: exact versions with hashes of everything that running, testing and checking install.

The build backend stands in the first lock, so that installing the project itself needs no further download.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"


def main() -> int:
    """Compile one lock a group; each holds to the versions of the one before."""
    uv = shutil.which("uv")
    if uv is None:
        print("uv is needed to write the locks: pip install uv", file=sys.stderr)
        return 2
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    FOLDER.mkdir(exist_ok=True)
    before: list[str] = []
    for name, needs in (("run", wanted), ("test", groups["test"]), ("check", groups["check"])):
        target = FOLDER / f"{name}.txt"
        constraints = [argument for path in before for argument in ("-c", path)]
        command = [
            uv, "pip", "compile", "-q", "--python-version", "3.11", "--universal", "--generate-hashes", "--no-header",
            "--no-annotate", "--no-emit-index-url", *sys.argv[1:], *constraints, "-o", str(target), "-",
        ]  # fmt: skip
        target.unlink(missing_ok=True)
        subprocess.run(command, input="\n".join(needs).encode(), check=True, cwd=ROOT)
        before.append(str(target))
        print(f"{target.relative_to(ROOT)}: {sum('==' in line for line in target.read_text().splitlines())} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
