#!/bin/bash
# The JSON Schema that `moot schema` prints is one to an independent validator too, and every example
# crew fits it; so does what `moot check --print` makes of it.
#   schema.sh MOOT SOURCE
set -eu
moot=$(realpath "$1")
source=$(realpath "$2")
if ! python3 -c 'import jsonschema, yaml; jsonschema.Draft202012Validator' 2>/dev/null; then
    echo "skipped: no Python here with jsonschema (4.0 or later) and yaml"
    exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$moot" schema >"$scratch/schema.json"
cat >"$scratch/validate.py" <<'P'
import json, sys, yaml
from jsonschema import Draft202012Validator

schema = json.load(open(sys.argv[1]))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
wrong = 0
for name in sys.argv[2:]:
    crew = yaml.safe_load(open(name))
    for error in validator.iter_errors(crew):
        print(f"{name}: {error.json_path}: {error.message[:300]}")
        wrong += 1
sys.exit(wrong > 0)
P
"$moot" schema --experiment >"$scratch/experiment.json"
python3 "$scratch/validate.py" "$scratch/experiment.json" "$source"/examples/*/experiment.yaml
crews=()
for file in "$source"/examples/*/*.yaml; do
    grep -q '^experiment:' "$file" && continue
    grep -qE '^(crew|extends):' "$file" || continue
    crews+=("$file")
    printed=$scratch/$(basename "$file")
    (cd "$(dirname "$file")" && "$moot" check "$(basename "$file")" --print) >"$printed"
    crews+=("$printed")
done
[ "${#crews[@]}" -ge 6 ]
python3 "$scratch/validate.py" "$scratch/schema.json" "${crews[@]}"
# What no crew file may say does not fit.
printf 'crew: x\nbogus: 1\n' >"$scratch/wrong.yaml"
if python3 "$scratch/validate.py" "$scratch/schema.json" "$scratch/wrong.yaml" >/dev/null; then
    echo "an unknown key fits the schema"
    exit 1
fi
echo "${#crews[@]} crew files fit"
