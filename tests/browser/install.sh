#!/bin/sh
# Install a Chromium for the browser tests if there is none: Debian's package where that can be
# installed, else Playwright's own build. Without either, those tests are skipped and say so.
set -u
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && exit 0
done
echo "Installing Chromium for the browser tests, once…"
log=$(mktemp)
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq >"$log" 2>&1 &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      chromium fonts-dejavu-core >"$log" 2>&1 && exit 0
fi
.venv/bin/playwright install chromium >"$log" 2>&1 && exit 0
tail -n 3 "$log" >&2
echo "No Chromium: the browser tests will be skipped." >&2
