"""Copy what bentofile.yaml includes, and that file, into a folder: the service without the rest."""

import shutil
import sys
from pathlib import Path

import yaml
from pathspec import PathSpec

BENTOFILE = Path("bentofile.yaml")

target = Path(sys.argv[1])
included = PathSpec.from_lines("gitwildmatch", yaml.safe_load(BENTOFILE.read_text())["include"])
for name in [str(BENTOFILE), *included.match_tree_files(".")]:
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(name, target / name)
