"""A message nested as deep as its size allows.

question: pricing-q1
outcome: DIED
reason: is no message
"""
import socket
import struct

for number in range(3, 20):
    try:
        line = socket.socket(fileno=number)
        line.sendall(struct.pack(">I", 3_000_000) + b'{"a":' * 600_000)
    except OSError:
        pass
