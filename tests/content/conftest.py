"""The references can be imported in these tests: `from solutions.attention import ...`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
