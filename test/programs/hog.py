"""Takes memory until the kernel has killed somebody: hog.py EVENTS, a file with a line `oom_kill N`."""

import re
import sys

MEGABYTE = 1 << 20


def kills():
    with open(sys.argv[1]) as events:
        return int(re.search(r"^oom_kill (\d+)$", events.read(), re.M)[1])


before = kills()
taken = []
while kills() == before:
    taken.append(b"x" * MEGABYTE)
