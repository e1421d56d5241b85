"""HTML, scripts, pictures that are none, and terminal codes are printed and displayed.

question: pricing-q1
outcome: NOT_ATTEMPTED
shows: <script>
"""
from IPython.display import HTML, Javascript, Markdown, display

print("<script>document.title = 'mine'</script> \x1b[2J\x1b]0;x\x07 \u202eright to left\u202c \x00 end")
display(HTML("<script>alert(1)</script><iframe src='file:///etc/passwd'></iframe>"), Javascript("alert(1)"))
display(Markdown("[x](javascript:alert(1))"))
display({"image/png": "\"><script>alert(1)</script>", "image/svg+xml": "<svg onload='alert(1)'/>"}, raw=True)
toaster = ...
