"""List the worked cases: how many of each topic are run, and why the others are not."""

import sys

from tests.vectors.cases import read_topics
from tests.vectors.status import reasons, table

TOPICS = read_topics()
sys.stdout.write("\n".join([*table(TOPICS), *reasons(TOPICS)]) + "\n")
