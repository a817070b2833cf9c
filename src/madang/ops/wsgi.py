"""What each server process loads: it must not outlive the process that started it, so it sees to that first."""

from importlib import import_module

from madang.ops.server import die_with_parent

die_with_parent()
application = import_module("madang.site.wsgi").application
