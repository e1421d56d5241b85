"""Messages of kinds that a grader does not know, without content, and with content of other types.

question: pricing-q1
outcome: DIED
reason: is no message
"""
import glob
import json
import os
import struct

frames = [{"type": "status", "content": {"execution_state": "idle"}}, {"type": 5}, [], "idle", None, {"type": "stream"}]
numbers = [int(path.rpartition("/")[2]) for path in glob.glob("/proc/self/fd/*")]
for number in numbers:
    try:
        if os.readlink(f"/proc/self/fd/{number}").startswith("socket:"):
            for frame in frames:
                data = json.dumps(frame).encode()
                os.write(number, struct.pack(">I", len(data)) + data)
    except OSError:
        pass
