"""The raw sources: one module describes, reads and cleans each, the rest is what they share.

`sources` lists them, `location` finds and reads their files (a folder, or the embedded sample),
`raw_file` returns a file exactly as it stands, `months` and `numbers` parse the cells that several
files have, `download` fetches the real files.
"""
