# Runs a private PostgreSQL for as long as standard input stays open, then stops it and removes its folder.
# Arguments: the folder of PostgreSQL's programs. Writes the server's folder, then "ready", one a line.
# The test process holds the other end of standard input: however it ends, even by kill -9, nothing is left behind.
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
"$programs/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w \
    -o "-k $folder -c listen_addresses= -c max_connections=300" start </dev/null >/dev/null 2>&1
echo ready
# "crash" stops the server as a loss of power would and starts it again; end of input ends everything.
while read -r order; do
    if [ "$order" = crash ]; then
        "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1
        "$programs/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w \
            -o "-k $folder -c listen_addresses= -c max_connections=300" start </dev/null >/dev/null 2>&1
        echo ready
    fi
done
