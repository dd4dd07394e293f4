#!/bin/sh
# Install a PostgreSQL and a Caddy for the tests of deploy/ where they are missing, as Debian's
# packages. Without them those tests are skipped and say so.
set -u
missing=
[ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || command -v initdb >/dev/null ||
  missing=postgresql
command -v caddy >/dev/null || missing="$missing caddy"
[ -n "$missing" ] || exit 0
echo "Installing $missing for the tests of deploy/, once…"
log=$(mktemp)
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  # Packages start what they install; here the tests do that.
  apt-get update -qq >"$log" 2>&1 &&
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      $missing >"$log" 2>&1 && exit 0
  tail -n 3 "$log" >&2
fi
echo "No $missing: tests of deploy/ will be skipped." >&2
