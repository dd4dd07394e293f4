#!/bin/sh
# install.sh PYTHON SET: install the locked SET (pipeline, dev) into .venv, made with PYTHON if missing.
set -eu
python=$1 set=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "spike-assets needs Python 3.11 or newer; $python is $("$python" -V 2>&1). Try: make PYTHON=python3.12 …" >&2
  exit 1
}
[ -x .venv/bin/pip ] || "$python" -m venv .venv
echo "Setting up .venv ($set): a minute or so, once…"
# A lock file is complete, so nothing is left to resolve: --no-deps holds pip to it.
pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/pip -qq install --no-deps"
$pip --require-hashes -r "requirements/$set.txt"
$pip --no-build-isolation -e .
touch ".venv/$set"
