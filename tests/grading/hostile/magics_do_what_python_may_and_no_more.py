"""Cell magics: shells, other interpreters, files of the host, a reset of everything.

question: pricing-q1
outcome: MALFORMED
reason: unexpected key 'said'
shows: said True
"""
from IPython import get_ipython

shell = get_ipython()
said = shell.getoutput("cat /etc/passwd; id -u; ls /work /root; curl -s http://1.1.1.1; kill -9 -1")
shell.run_cell_magic("bash", "", "cat /etc/shadow; ls /course/crmkit/exercise/keys")
print("said", not any("root:x" in line for line in said))
shell.run_line_magic("reset", "-f")
toaster = {"said": 1}
