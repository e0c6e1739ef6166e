#!/usr/bin/env bash
# same_output.sh PROGRAM OTHER: both must succeed and print the same, numbers up to rounding.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" > "$folder/a"
"$2" | sed 's/torch::nn::/taper::nn::/g' > "$folder/b"
awk '
  function number(text) { return text ~ /^[-+]?[0-9]+([.][0-9]*)?(e[-+]?[0-9]+)?$/ }
  function same(x, y,   scale) {
    if (x == y) return 1
    if (!number(x) || !number(y)) return 0
    scale = x < 0 ? -x : +x
    return (x > y ? x - y : y - x) <= 2e-4 + 1e-3 * scale
  }
  NR == FNR { line[NR] = $0; lines = NR; next }
  {
    n = split(line[FNR], words)
    ok = FNR <= lines && n == NF
    for (i = 1; ok && i <= n; ++i) ok = same(words[i] "", $i "")
    if (!ok) { printf "line %d differs:\n%s\n%s\n", FNR, line[FNR], $0; bad = 1 }
  }
  END { if (FNR != lines) { printf "%d lines and %d\n", lines, FNR; bad = 1 }; exit bad }
' "$folder/a" "$folder/b"
