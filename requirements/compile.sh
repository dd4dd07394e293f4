#!/bin/sh
# compile.sh [--check]: compile the lock files from pyproject.toml, keeping the pins that still fit.
# With --check, write nothing and fail if a lock file is stale.
set -eu
check=${1:-}
compile() { # compile NAME ARGUMENT… for this project and what it needs
  compile_alone "$@" pyproject.toml
}
compile_alone() { # compile_alone NAME ARGUMENT…
  name=$1 && shift
  target=requirements/$name.txt
  [ -z "$check" ] || { cp "$target" "$scratch/$name.txt" && target=$scratch/$name.txt; }
  .venv/bin/uv -q pip compile --universal --python-version 3.11 --generate-hashes \
    --no-annotate --custom-compile-command 'make lock' "$@" -o "$target" >/dev/null
  [ -z "$check" ] || cmp -s "$target" "requirements/$name.txt" || {
    echo "requirements/$name.txt does not match pyproject.toml: run make lock" >&2
    return 1
  }
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
compile dev --extra pipeline --group build --group dev
compile pipeline --extra pipeline --group build -c requirements/dev.txt
compile serve -c requirements/dev.txt
compile bench --extra pipeline --group build --group bench -c requirements/dev.txt
compile_alone mlflow --group mlflow
compile_alone mlserver --group mlserver
