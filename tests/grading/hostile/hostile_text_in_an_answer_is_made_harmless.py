"""Keys and texts of an answer bring what acts on terminals, pages, spreadsheets and readers.

question: pricing-q1
outcome: MALFORMED
reason: unexpected key
"""
toaster = {"=cmd|' /C calc'!A0": 1, "<img src=x onerror=alert(1)>": 2, "\x1b[31m\u202e\u0000": 3, "\ud800": 4, "x" * 9_000: 5}
