#!/usr/bin/env bash
# Run a command with a PostgreSQL server of its own: made for it, in a folder that is thrown away, and stopped after it.
set -euo pipefail
programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
folder=$(mktemp -d /tmp/madang-postgres.XXXXXX)
port=${MADANG_TEST_PG_PORT:-$(( 20000 + RANDOM % 20000 ))}

# The server refuses to run as root.
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as_server() { runuser -u postgres -- "$@"; }
else
  as_server() { "$@"; }
fi

stop() {
  as_server "$programs/pg_ctl" -D "$folder/data" -m immediate -s stop || true
  rm -rf "$folder"
}
trap stop EXIT

as_server "$programs/initdb" -D "$folder/data" -U madang -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
as_server "$programs/pg_ctl" -D "$folder/data" -s -w -l "$folder/log" \
  -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200" start
as_server "$programs/createdb" -h 127.0.0.1 -p "$port" -U madang madang
MADANG_DATABASE_URL="postgresql://madang@127.0.0.1:$port/madang" "$@"
