#!/bin/sh
# Make the secrets of this installation where they are missing, and print what people need of them.
#   /secrets/database   password of PostgreSQL, and the same as libpq reads it
#   /secrets/service    key of the API
#   /secrets/login      password of the Dagster UI, and its hash as Caddy reads it
set -eu
umask 077
cd /secrets

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
is_missing() { [ ! -s "$1" ]; }
write() { printf '%s\n' "$2" >"$1.new" && mv "$1.new" "$1"; } # whole, or not at all

if is_missing database/password; then
  write database/password "$(random)"
  chmod 444 database/password # PostgreSQL is another user
fi
if is_missing database/pgpass; then
  write database/pgpass "*:*:*:*:$(cat database/password)"
fi
if is_missing service/api_key; then
  write service/api_key "$(random)"
fi
if is_missing login/password; then
  write login/password "$(random)"
fi
if is_missing login/users; then
  hash=$(caddy hash-password <login/password)
  write login/users "dagster $hash"
fi

site=$SPIKE_SITE
[ "$site" != http:// ] || site=http://127.0.0.1
cat <<LOGIN

  The page and the API   $site:$SPIKE_SERVICE_PORT   key $(cat service/api_key)
  The Dagster UI         $site:$SPIKE_UI_PORT   user dagster, password $(cat login/password)

LOGIN
