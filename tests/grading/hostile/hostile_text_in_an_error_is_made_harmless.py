"""An error's name and message bring HTML, a script, terminal codes, right-to-left marks, NUL and a long line.

question: pricing-q1
outcome: ERROR
reason: Your cell stopped with
"""
name = "<script>alert(1)</script>\x1b]0;title\x07\x1b[2J\u202ekcatta\u2066\x00"
raise type(name.replace("\0", ""), (Exception,), {})(name * 5_000 + "\ud800")
