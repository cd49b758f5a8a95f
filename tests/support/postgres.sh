# Starts a private PostgreSQL, which stops and leaves nothing behind when the process $2 is gone, however that ended.
# Arguments: the folder of PostgreSQL's programs, the process to follow. Writes the server's folder, then "ready".
set -eu
programs=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/sunvote-pg.XXXXXX")
stop() {
    "$programs/pg_ctl" -D "$folder/data" -m fast -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
echo "$folder"
cd "$folder"
"$programs/initdb" --no-sync -D "$folder/data" -U sunvote -A trust -E UTF8 --locale=C.UTF-8 >"$folder/initdb.log" 2>&1
cat >>"$folder/data/postgresql.conf" <<END
unix_socket_directories = '$folder'
listen_addresses = ''
max_connections = 300
END
"$programs/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w start </dev/null >/dev/null 2>&1
echo ready
exec >/dev/null
tail --pid="$2" -f /dev/null
