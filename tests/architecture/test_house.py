"""The house keeps its plan: names, sizes, the shape of services, and what each room may touch."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "madang"
PARTS = sorted(path.parent for base in ("yard", "rooms") for path in (PACKAGE / base).glob("*/apps.py"))

PLAN = {
    "__init__.py", "apps.py", "engine", "formats", "models.py", "models", "bridge.py", "selectors.py", "selectors",
    "services.py", "services", "tasks.py", "views.py", "views", "forms.py", "forms", "urls.py", "api.py", "admin.py",
    "templates", "cli.py", "cli", "migrations", "locale", "static", "data",
}  # fmt: skip

# What a part needs beyond the plan, each for a reason that its own docstring gives.
BEYOND_THE_PLAN = {
    "yard/audit": {"append_only.py", "authority.py", "jobs.py", "replay.py", "seal.py", "worker.py"},
    "yard/people": {"adapters.py", "fields.py", "keyring.py", "keyring_file.py", "lockout.py", "middleware.py"},
}

ENGINE_LINES, FILE_LINES = 600, 400
FUNCTION_LINES, KERNEL_LINES = 60, 90


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def sources() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]


@pytest.mark.parametrize("part", PARTS, ids=name_of)
def test_a_part_holds_what_the_plan_names_and_nothing_else(part: Path) -> None:
    found = {path.name for path in part.iterdir() if path.name != "__pycache__"}
    assert found - PLAN - BEYOND_THE_PLAN.get(name_of(part), set()) == set()


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_no_file_and_no_function_is_too_long(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    limit = ENGINE_LINES if "engine" in path.parts else FILE_LINES
    assert len(text.splitlines()) <= limit
    for function in functions(ast.parse(text)):
        compiled = any("jit" in ast.unparse(decorator) for decorator in function.decorator_list)
        start = function.body[0].lineno
        # The docstring and the signature are not what makes a function hard to read.
        if isinstance(function.body[0], ast.Expr) and len(function.body) > 1:
            start = function.body[1].lineno
        length = (function.end_lineno or start) - start + 1
        assert length <= (KERNEL_LINES if compiled else FUNCTION_LINES), f"{function.name} has {length} lines"


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def service_files() -> list[Path]:
    return [path for part in PARTS for path in (*part.glob("services.py"), *part.glob("services/*.py"))]


@pytest.mark.parametrize("path", service_files(), ids=name_of)
def test_a_service_takes_its_actor_first_and_asks_before_it_acts(path: Path) -> None:
    asking = services_that_ask()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.name == "record":
            continue
        arguments = [argument.arg for argument in node.args.args]
        if "actor" not in arguments:
            continue
        assert arguments[0] == "actor", f"{node.name}: the actor comes first"
        called = {
            call.func.id for call in ast.walk(node) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        }
        # A service that only arranges others leaves the asking to them.
        assert called & (asking | {"require", "may"}), f"{node.name} does not ask whether the actor may"


def test_faces_call_no_service_that_has_no_actor() -> None:
    helpers = {
        function.name
        for path in service_files()
        for function in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and "actor" not in [argument.arg for argument in function.args.args]
        and "objects" in ast.unparse(function)
    }
    faces = [
        path
        for path in sources()
        if path.stem in {"views", "api", "cli", "tasks", "forms"} or {"views", "cli", "forms"} & set(path.parts)
    ]
    for path in faces:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and ".services" in (node.module or ""):
                taken = helpers & {alias.name for alias in node.names}
                assert not taken, f"{name_of(path)} imports {taken}, which ask nobody"


def services_that_ask() -> set[str]:
    names: set[str] = set()
    for path in [*service_files(), PACKAGE / "yard/audit/jobs.py"]:
        for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
            if any(isinstance(node, ast.Name) and node.id in {"require", "may"} for node in ast.walk(function)):
                names.add(function.name)
    return names


def test_no_room_points_at_another_rooms_records() -> None:
    rooms = {config.label for config in apps.get_app_configs() if config.name.startswith("madang.rooms.")}
    for model in apps.get_models():
        if model._meta.app_label not in rooms:
            continue
        for field in model._meta.get_fields():
            target = getattr(field, "remote_field", None) and field.related_model
            if isinstance(target, type) and issubclass(target, models.Model):
                label = target._meta.app_label
                assert label not in rooms - {model._meta.app_label}, (
                    f"{model.__name__}.{field.name} points into {label}"
                )


def test_the_yard_never_points_into_a_room() -> None:
    rooms = {config.label for config in apps.get_app_configs() if config.name.startswith("madang.rooms.")}
    yard = {config.label for config in apps.get_app_configs() if config.name.startswith("madang.yard.")}
    for model in apps.get_models():
        if model._meta.app_label in yard:
            for field in model._meta.get_fields():
                if field.concrete and isinstance(field, models.ForeignKey):
                    target = field.related_model
                    assert isinstance(target, type)
                    assert target._meta.app_label not in rooms


@pytest.mark.parametrize("part", [part for part in PARTS if (part / "engine").is_dir()], ids=name_of)
def test_an_engine_loads_without_django(part: Path) -> None:
    modules = [
        ".".join(("madang", *path.relative_to(PACKAGE).with_suffix("").parts))
        for folder in ("engine", "formats")
        for path in (part / folder).rglob("*.py")
    ]
    program = "import importlib, sys\n"
    program += "".join(f"importlib.import_module({name.removesuffix('.__init__')!r})\n" for name in modules)
    program += "sys.exit('django' in sys.modules)\n"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_command_line_starts_without_django_or_arrays() -> None:
    heavy = {"django", "gmpy2", "highspy", "kiwipiepy", "numba", "numpy", "pyarrow", "scipy", "shapely"}
    program = f"import sys, madang.cli\nsys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_every_environment_variable_is_documented() -> None:
    from madang.site.environment import VARIABLES

    text = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert [name for name in VARIABLES if f"`{name}`" not in text] == []
