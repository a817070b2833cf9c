"""What each server process loads: it must not outlive the process that started it."""

from madang.ops.server import die_with_parent
from madang.site.wsgi import application

__all__ = ["application"]

die_with_parent()
