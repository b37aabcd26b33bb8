"""Runs a command on a terminal of its own: terminal.py '[["text to wait for", "what to type then"], ...]' CMD ARG..."""

import json
import os
import pty
import select
import sys
import time

LIMIT = 40

pairs = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])

seen = b""
unread = b""
end = time.time() + LIMIT
while time.time() < end:
    if pairs and pairs[0][0].encode() in unread:
        wanted, text = pairs.pop(0)
        unread = unread[unread.index(wanted.encode()) + len(wanted) :]
        # what comes next must be there to read when it is typed
        time.sleep(0.3)
        os.write(terminal, text.encode())
        continue
    ready, _, _ = select.select([terminal], [], [], 0.2)
    if not ready:
        continue
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    unread += piece
else:
    os.kill(pid, 9)

sys.stdout.buffer.write(seen)
sys.stdout.flush()
status = os.waitpid(pid, 0)[1]
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
