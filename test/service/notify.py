"""Listens as systemd does at the socket NAME ('@' for an abstract one), runs a command with it, prints the notifications.

Ends the command with SIGTERM once it is ready, and leaves with its status.
"""
import os, signal, socket, subprocess, sys

name, *command = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind("\0" + name[1:] if name.startswith("@") else name)
listener.settimeout(60)
child = subprocess.Popen(command, env={**os.environ, "NOTIFY_SOCKET": name}, stdout=subprocess.DEVNULL)
told = ""
try:
    while "STOPPING=1" not in told:
        told = listener.recv(4096).decode()
        print(told, flush=True)
        if "READY=1" in told:
            child.send_signal(signal.SIGTERM)
finally:
    if "STOPPING=1" not in told:
        child.kill()
sys.exit(child.wait())
