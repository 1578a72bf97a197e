#!/usr/bin/env bash
# Converts and checks a generated data set of RefCOCO's size, beside the obvious Python (json + pickle). Needs python3, GNU time and a build.
# usage: bench/bench-convert.sh [FOLDER]   (about 1 GB of disk; the set is made once)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$(mktemp -d)}
cli="node $here/../dist/refclip-data.js"
[ -f "$folder/instances.json" ] || python3 "$here/make-refer-set.py" "$folder"
mkdir -p "$folder/images"
if [ ! -f "$folder/images/done" ]; then
  python3 -c "
import json, sys
for image in json.load(open('$folder/instances.json'))['images']: open('$folder/images/' + image['file_name'], 'w').close()
open('$folder/images/done', 'w').close()"
fi
measure() { /usr/bin/time -f "  %e s, %M KB" "$@" > /dev/null; }
for round in 1 2 3; do
  echo "round $round: Python"
  measure python3 "$here/convert-refer.py" "$folder" "$folder/python.json"
  echo "round $round: refclip-data convert"
  measure $cli convert --from refer --input "$folder" --dataset refcoco --split-by unc --output "$folder/refclip.json"
  echo "round $round: refclip-data check --no-decode"
  measure $cli check "$folder/refclip.json" --images "$folder/images" --no-decode
  echo "round $round: refclip-data stats"
  measure $cli stats "$folder/refclip.json"
done
