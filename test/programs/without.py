"""Runs a command for which system calls fail with EPERM: without.py NUMBERS COMMAND..., numbers of x86-64 with commas."""

import ctypes
import os
import struct
import sys

BPF_LD_W_ABS, BPF_JEQ, BPF_RET = 0x20, 0x15, 0x06
ALLOW, EPERM = 0x7FFF0000, 0x00050001
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2

numbers = [int(number) for number in sys.argv[1].split(",")]
code = [(BPF_LD_W_ABS, 0, 0, 0)]
for number in numbers:
    code += [(BPF_JEQ, 0, 1, number), (BPF_RET, 0, 0, EPERM)]
code += [(BPF_RET, 0, 0, ALLOW)]
filter_bytes = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
program = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(filter_bytes))
libc = ctypes.CDLL(None)
assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_char_p(program)) == 0
os.execvp(sys.argv[2], sys.argv[2:])
