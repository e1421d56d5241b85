"""How a process shuts itself in: namespaces, a small read-only root, no privileges, few system calls.

Run as a script, it builds the root that submissions see and becomes the warm process in it. It imports the
standard library only: that takes no time, and nothing of the host is loaded before the root is changed.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import struct
import sys
from collections.abc import Container
from pathlib import Path
from typing import Any

NEW_MOUNT, NEW_UTS, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = (
    0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
READ_ONLY, NO_SETUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8
REMOUNT, BIND, RECURSIVE, PRIVATE = 32, 4096, 16384, 1 << 18
DETACH = 2
SET_DEATH_SIGNAL, SET_DUMPABLE, SET_SECCOMP, DROP_BOUND, SET_NO_NEW_PRIVILEGES = 1, 4, 22, 24, 38
FILTER = 2
CAPABILITIES_V3 = 0x20080522
UNIX, NETLINK, LAST_FAMILY = 1, 16, 60
"""Families of sockets; no Linux has one above the last."""
WRITTEN = ("tmp", "cache")
DEVICES = ("null", "zero", "full", "urandom", "random")

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` names for fresh ones; a pid namespace is for the children."""
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount; see mount(2)."""
    arguments = [text.encode() or None for text in (source, target, kind)]
    _checked(_libc.mount(*arguments, ctypes.c_ulong(flags), options.encode() or None), f"mount {target}")


def bind(source: str, target: str) -> None:
    """Let a file or folder be seen at `target` too, read-only."""
    mount(source, target, flags=BIND | RECURSIVE)
    seal(target)


def scratch(target: str, megabytes: int, files: int) -> None:
    """Mount an empty folder in memory that holds so much and no more."""
    options = f"size={megabytes}m,nr_inodes={files},mode=700"
    mount("tmpfs", target, "tmpfs", NO_SETUID | NO_DEVICES, options)


def seal(target: str) -> None:
    """Let a mounted folder no longer be written."""
    mount("", target, flags=BIND | REMOUNT | READ_ONLY | NO_SETUID | NO_DEVICES)


def change_root(root: str) -> None:
    """Make a mounted folder the root, and let go of the old one."""
    old = f"{root}/old"
    os.makedirs(old, exist_ok=True)
    os.chdir(root)
    _checked(_libc.pivot_root(b".", b"old"), "pivot_root")
    os.chdir("/")
    _checked(_libc.umount2(b"/old", DETACH), "umount of the old root")
    os.rmdir("/old")


def map_user(inside: int, user: int, group: int) -> None:
    """Give the user and group of a fresh user namespace their numbers inside it."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inside} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{inside} {group} 1")


def die_with_parent() -> None:
    """Ask to be killed when the parent ends. What runs later could take this back: never rely on it alone."""
    _libc.prctl(SET_DEATH_SIGNAL, 9, 0, 0, 0)


def drop_privileges(system_calls: bytes) -> None:
    """Give up every capability for good, and every system call that the filter refuses.

    Parameters
    ----------
    system_calls : a filter program as `system_call_filter` makes it.
    """
    for capability in range(64):
        _libc.prctl(DROP_BOUND, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(ctypes.byref(header), ctypes.byref(nothing)), "capset")
    _checked(_libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no_new_privs")
    program = ctypes.create_string_buffer(system_calls, len(system_calls))
    packed = struct.pack("HL", len(system_calls) // 8, ctypes.addressof(program))
    _checked(_libc.prctl(SET_SECCOMP, FILTER, packed, 0, 0), "seccomp")


REFUSED = """
ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd bpf perf_event_open userfaultfd
keyctl add_key request_key mount umount2 pivot_root chroot unshare setns open_tree move_mount fsopen
fsconfig fsmount fspick mount_setattr io_uring_setup io_uring_enter io_uring_register init_module
finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff quotactl acct personality
open_by_handle_at name_to_handle_at lookup_dcookie vhangup iopl ioperm syslog settimeofday clock_settime
adjtimex clock_adjtime sethostname setdomainname mbind migrate_pages move_pages set_mempolicy modify_ldt
seccomp
"""
"""System calls that no exercise needs: other processes' memory, keys, mounts, modules, clocks."""


def system_call_filter(families: Container[int] = (UNIX,)) -> bytes:
    """Return the program by which the kernel refuses system calls.

    Refused are those above, sockets of other families than the given (there is no network to reach either),
    and new user namespaces. `clone3` is said not to exist, because its flags cannot be looked at; the C
    library then uses `clone`.
    """
    import errno
    import tempfile

    import pyseccomp

    rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    refuse = pyseccomp.ERRNO(errno.EPERM)
    for name in REFUSED.split():
        # A name unknown on this architecture is no danger on it.
        number = pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
        if number >= 0:
            rules.add_rule(refuse, name)
    for family in range(1, LAST_FAMILY + 1):
        if family not in families:
            rules.add_rule(refuse, "socket", pyseccomp.Arg(0, pyseccomp.EQ, family))
    rules.add_rule(refuse, "socket", pyseccomp.Arg(0, pyseccomp.GT, LAST_FAMILY))
    rules.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, NEW_USER, NEW_USER))
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def limit(limits: dict[str, int]) -> None:
    """Set hard limits of this process, by the names of `resource` without `RLIMIT_`."""
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def build_root(root: str, seen: list[list[str]], hidden: list[str]) -> None:
    """Mount a root in which only `seen` is there, read-only.

    Parameters
    ----------
    root : an empty folder.
    seen : pairs of a path of the host and the path at which it is seen.
    hidden : folders among these that are seen empty.
    """
    mount("tmpfs", root, "tmpfs", NO_SETUID | NO_DEVICES, "size=1m,nr_inodes=2000,mode=755")
    for source, target in seen:
        place = Path(root + target)
        if os.path.isdir(source):
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
        bind(source, str(place))
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        if os.path.islink(f"/{name}"):
            os.symlink(os.readlink(f"/{name}"), f"{root}/{name}")
        elif os.path.isdir(f"/{name}"):
            os.mkdir(f"{root}/{name}")
            bind(f"/{name}", f"{root}/{name}")
    os.mkdir(f"{root}/dev")
    for device in DEVICES:
        Path(f"{root}/dev/{device}").touch()
        mount(f"/dev/{device}", f"{root}/dev/{device}", flags=BIND)
    for name in ("proc", "tmp", "cache", "home/student"):
        os.makedirs(f"{root}/{name}")
    # A process can mount its own /proc only where it already sees one.
    mount("/proc", f"{root}/proc", flags=BIND | RECURSIVE)
    for folder in hidden:
        mount("tmpfs", root + folder, "tmpfs", READ_ONLY | NO_SETUID | NO_DEVICES, "size=4k,mode=755")
    # What the warm process writes once; kernels see the second, and it is sealed for them.
    for name in WRITTEN:
        scratch(f"{root}/{name}", megabytes=64, files=1000)


def main(plan: dict[str, Any]) -> None:
    """Build the root, go into it as a user without rights on the host, and run the command there.

    Parameters
    ----------
    plan : `root`, `seen` and `hidden` as in `build_root`; `user`, the host's user id to take where this
        process is root; `command` and `environment` of what to run.
    """
    user, group = os.getuid(), os.getgid()
    is_root = user == 0
    if is_root:
        # Mounts first, while folders can be read that the user without rights cannot enter.
        unshare(NEW_MOUNT | NEW_IPC | NEW_UTS | NEW_NET)
    else:
        unshare(NEW_USER | NEW_MOUNT | NEW_IPC | NEW_UTS | NEW_NET)
        map_user(0, user, group)
    mount("", "/", flags=RECURSIVE | PRIVATE)
    build_root(plan["root"], plan["seen"], plan["hidden"])
    if is_root:
        for name in WRITTEN:
            os.chown(f"{plan['root']}/{name}", plan["user"], plan["user"])
    change_root(plan["root"])
    seal("/")
    if is_root:
        os.setgroups([])
        os.setresgid(*[plan["user"]] * 3)
        os.setresuid(*[plan["user"]] * 3)
        # Changing the user makes /proc/self belong to root.
        _libc.prctl(SET_DUMPABLE, 1, 0, 0, 0)
        unshare(NEW_USER)
        map_user(0, plan["user"], plan["user"])
    os.chdir("/tmp")
    os.execve(plan["command"][0], plan["command"], plan["environment"])


if __name__ == "__main__":
    try:
        main(json.loads(sys.argv[1]))
    except OSError as error:
        sys.exit(f"{error}")
