"""Run the command line: python -m riskengine."""

from riskengine.cli import main

main()
