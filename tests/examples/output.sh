#!/usr/bin/env bash
# Runs an example and compares what it prints with the lines under `// Output:` in its header, if it has any.
#   output.sh PROGRAM SOURCE
set -euo pipefail
expected=$(sed -n '/^\/\/ Output:$/,/^[^/]/ s|^//   ||p' "$2")
actual=$("$1")
[[ -z $expected ]] || diff <(printf '%s\n' "$expected") <(printf '%s\n' "$actual")
