"""A hundred thousand small prints are sent past the limits of the shell, each to be put together with the last.

question: pricing-q1
outcome: NOT_ATTEMPTED DIED TIMED_OUT
"""
import gc
import json
import socket
import struct

gc.unfreeze()
line = next(each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() > 2)
data = json.dumps({"type": "stream", "content": {"name": "stdout", "text": "x\b\r" * 40}}).encode()
for _ in range(100):
    line.sendall((struct.pack(">I", len(data)) + data) * 700)
toaster = ...
