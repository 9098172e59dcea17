#!/usr/bin/env bash
# Runs a command beside a throwaway PostgreSQL, whose address it finds in PERMITRY_TEST_POSTGRES:
#   scripts/with-postgres.sh npm run test:unit
# Needs Debian's `postgresql` package. As root the server runs as the user `postgres`, because it refuses to run as root.
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "no PostgreSQL here: apt-get install postgresql" >&2; exit 1; }

folder=$(mktemp -d)
as_owner=()
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as_owner=(setpriv --reuid postgres --regid postgres --init-groups)
fi
cd "$folder"

# A collation that orders letters otherwise than SQLite does, as most servers have: nothing may depend on that order.
"${as_owner[@]}" "$bin/initdb" --pgdata="$folder/data" --username=permitry --auth=trust --encoding=UTF8 \
  --locale-provider=icu --icu-locale=en-US --locale=C.UTF-8 >/dev/null

stop() {
  "${as_owner[@]}" "$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate --silent stop || true
  cd /
  rm -rf "$folder"
}
trap stop EXIT

# Listens on a socket in the folder only: no port to collide on, and nobody else's to reach.
# fsync is off: only clients are killed here, never the server, and a test makes a database of its own.
"${as_owner[@]}" "$bin/pg_ctl" --pgdata="$folder/data" --silent --wait --log="$folder/log" \
  --options="-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off -c max_connections=200" start

cd "$OLDPWD"
PERMITRY_TEST_POSTGRES="postgres://permitry@localhost/postgres?host=$folder" "$@"
