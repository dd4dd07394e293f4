"""Ask the database whether a daemon sent a heartbeat lately.

`dagster-daemon liveness-check` is content with one of half an hour ago, and imports Dagster each
time, which takes seconds of a processor.
"""

import os
import sys

import psycopg2

AGE_S = "SELECT extract(epoch FROM now()::timestamp - max(timestamp)) FROM daemon_heartbeats"
MAX_AGE_S = 120
"""They send one every 30 s. The latest of any is enough: a thread that fails ends the process."""

url = os.environ["DAGSTER_POSTGRES_URL"].replace("+psycopg2", "")
with psycopg2.connect(url, connect_timeout=5) as connection, connection.cursor() as cursor:
    cursor.execute(AGE_S)
    (age_s,) = cursor.fetchone()
sys.exit(age_s is None or age_s > MAX_AGE_S)
