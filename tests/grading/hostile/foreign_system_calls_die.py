"""A system call of another architecture, by which filters that look at numbers only are passed.

question: pricing-q1
outcome: DIED MALFORMED
"""
import ctypes
import mmap
import platform

# int 0x80 with getpid's number in the 32-bit table, then return.
code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(code)
if platform.machine() == "x86_64":
    print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())
toaster = 1
