"""Grade a class of untrusted notebooks: collect, run in a sandbox, verify outside, record, report."""
