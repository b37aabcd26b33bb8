"""messages.py PORT...: a message to each port by one sendmmsg. `-` is a message without an address: where the first
is one, the socket is connected to port 15353. Prints how many were sent, or the errno as -N."""
import ctypes
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
kept = []


def kept_buffer(data):
    kept.append(ctypes.create_string_buffer(data, len(data)))
    return ctypes.addressof(kept[-1])


def message(port):
    text = kept_buffer(struct.pack("PN", kept_buffer(b"x"), 1))
    if port == "-":
        return struct.pack("PI4xPNPNi4xI4x", 0, 0, text, 1, 0, 0, 0, 0)
    address = struct.pack("<H", socket.AF_INET) + struct.pack(">H", int(port)) + bytes([127, 0, 0, 1]) + bytes(8)
    return struct.pack("PI4xPNPNi4xI4x", kept_buffer(address), len(address), text, 1, 0, 0, 0, 0)


def opened():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


ports = sys.argv[1:]
# somebody is there: an error for one message would end those that follow
for port in {int(port) for port in ports if port != "-"} | {15353}:
    kept.append(opened())
    kept[-1].bind(("127.0.0.1", port))
udp = opened()
if ports[0] == "-":
    udp.connect(("127.0.0.1", 15353))
sent = libc.sendmmsg(udp.fileno(), ctypes.c_void_p(kept_buffer(b"".join(map(message, ports)))), len(ports), 0)
print(sent if sent >= 0 else -ctypes.get_errno())
