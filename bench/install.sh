#!/bin/sh
# install.sh PYTHON: install what the benchmarks need beside .venv: wrk and a PostgreSQL, as Debian's
# packages, and peers that can't live with our libraries, each in an environment of its own.
set -eu
python=$1
missing=
command -v wrk >/dev/null || missing="$missing wrk"
[ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || command -v initdb >/dev/null ||
  missing="$missing postgresql"
if [ -n "$missing" ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The benchmarks need$missing: install that first." >&2
    exit 1
  fi
  echo "Installing$missing for the benchmarks, once…"
  log=$(mktemp)
  # Packages start what they install; here the benchmarks do that.
  { apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1 ||
    { tail -n 3 "$log" >&2 && exit 1; }
fi
for peer in mlflow mlserver; do
  [ ".venv-$peer/installed" -nt "requirements/$peer.txt" ] && continue
  echo "Setting up .venv-$peer: a minute or so, once…"
  "$python" -m venv ".venv-$peer"
  # A lock file is complete, so nothing is left to resolve: --no-deps holds pip to it.
  PIP_DISABLE_PIP_VERSION_CHECK=1 ".venv-$peer/bin/pip" -qq install --no-deps --require-hashes \
    -r "requirements/$peer.txt"
  touch ".venv-$peer/installed"
done
