"""The three public files: one module reads and cleans each, the rest is what they share.

`location` finds the files (a folder, or the embedded `sample`), `raw_file` gives a file exactly
as it stands, `months` and `numbers` read the cells that all three have, `download` fetches the
real files.
"""
