"""Files and objects: replace a local file atomically, read and write objects in a bucket."""
