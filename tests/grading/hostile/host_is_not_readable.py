"""System files, other students, the gradebook, other processes, and the environment.

question: pricing-q1
outcome: MALFORMED
reason: unexpected key 'read'
shows: read []
"""
import glob
import os
import sys

read = []
places = ["/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/ssh", "/root", "/var", "/run", "/sys", "/boot", "/mnt"]
places += ["/proc/1/../../../etc/passwd", "/proc/self/root/etc/passwd", "/proc/self/cwd/../../etc/passwd"]
places += ["/work", "/srv", "/home/student/..", "/tmp/..", "../../../class", "../../submitted", "/old", "/.pivot"]
for place in places:
    try:
        read += [each for each in os.listdir(place) if os.path.realpath(place) not in ("/", "/home")
                 and not sys.base_prefix.startswith(os.path.join(place, each))]
    except NotADirectoryError:
        read.append(place)
    except OSError:
        pass
read += [each for each in glob.glob("/proc/[0-9]*") if each != "/proc/1"]
for name in ("kcore", "kmsg", "kallsyms", "sysrq-trigger", "sys/kernel/core_pattern", "mounts", "cpuinfo", "net/tcp"):
    try:
        with open(f"/proc/{name}") as file:
            read += [f"{name} {line}" for line in file if name != "mounts" and not line.strip().startswith("sl")]
    except OSError:
        pass
read += [f"{name}={value}" for name, value in os.environ.items() if "canary" in value or "KEY" in name[:3]]
read += [os.readlink(path) for path in glob.glob("/proc/self/fd/*") if os.path.islink(path)
         and os.readlink(path).startswith("/") and not os.readlink(path).startswith(("/proc", "/dev"))]
print("read", read)
toaster = {"read": read}
