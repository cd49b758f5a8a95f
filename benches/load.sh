#!/bin/sh
# What a server takes in over HTTP, on one machine with its client: ballots at 1,000 a second, at a rate that it
# should hold, as fast as answered, and a province's rate for ten minutes; pages; at last every record verified.
#   benches/load.sh FOLDER [DATABASE-URL]     FOLDER is made; the database must hold no village
# RATE is the rate it should hold (default 4000), MINUTES how long the province's rate lasts (default 10), VILLAGES and
# VOTERS what is prepared (default 200 of 45), SUNVOTE the program.
set -eu
folder=$1
database=${2:-}
sunvote=${SUNVOTE:-target/release/sunvote}
ulimit -n "$(ulimit -Hn)"
say() { printf '\n== %s\n' "$*"; }
bench() { command=$1; shift; say "$command" "$@"; "$sunvote" bench "$command" --folder "$folder" "$@" || echo "exit code $?"; }
bench prepare --villages "${VILLAGES:-200}" --voters "${VOTERS:-45}" ${database:+--database "$database"}
bench cast --rate 1000 --seconds 20
for run in 1 2 3; do bench cast --rate "${RATE:-4000}" --seconds 20 --connections 1024; done
for run in 1 2 3; do bench cast --rate max --count 100000 --seconds 60 --connections 1024; done
bench read --rate 100 --seconds 20
bench cast --rate 370 --seconds $((${MINUTES:-10} * 60))
bench verify
