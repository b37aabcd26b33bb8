"""A daemon that tries to remove a file again and again: persistent.py FILE DIRECTORY; what happens is in DIRECTORY."""

import os
import sys

file, directory = sys.argv[1:]


def tell(name, text=""):
    with open(os.path.join(directory, name), "w") as out:
        out.write(text)


if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for count in range(1 << 62):
            try:
                os.unlink(file)
                tell("succeeded")
            except OSError:
                pass
            if count == 100:
                tell("persists", str(os.getpid()))
    os._exit(0)
os.wait()
while not os.path.exists(os.path.join(directory, "persists")):
    os.sched_yield()
