#!/bin/sh
# Serve the definitions to the daemon and the webserver; runs are processes of this server.
set -eu
# A folder that is mounted is used or refused; it is never passed over for the embedded sample.
[ -z "${DATA_IS_MOUNTED:-}" ] || export SPIKE_DATA_DIR=/srv/data
exec dagster api grpc --host 0.0.0.0 --port 4000 --module-name spike_assets.definitions \
  --location-name spike_assets
