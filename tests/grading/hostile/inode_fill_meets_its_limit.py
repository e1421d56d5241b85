"""As many empty files, folders and links as there is room for.

question: pricing-q1
outcome: MALFORMED
reason: unexpected key 'made'
shows: made fewer than 10000 True
"""
import os

made = 0
for folder in ("/tmp", "/home/student"):
    for number in range(10_000):
        try:
            os.symlink("/", f"{folder}/{number}")
            made += 1
        except OSError:
            break
print("made fewer than 10000", made < 10_000)
toaster = {"made": made}
