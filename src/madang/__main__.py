"""Run the command line with `python -m madang`."""

from madang.cli import main

main()
