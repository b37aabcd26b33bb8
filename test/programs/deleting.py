"""Deletes a file, pausing between tries, until its input ends: how often that was denied, how often not.

    deleting.py FILE SECONDS"""
import os
import select
import sys

denied = passed = 0
while not select.select([sys.stdin], [], [], float(sys.argv[2]))[0]:
    try:
        os.unlink(sys.argv[1])
        passed += 1
    except PermissionError:
        denied += 1
print(denied, passed)
