#!/usr/bin/env bash
# Training and inference of small networks, alternately: taper, handwritten loops over OpenBLAS, and libtorch if it was
# found.
#   compare.sh FOLDER_OF_THE_PROGRAMS [ROUNDS, default 5]
# Each figure is the best of all rounds; for the others also the best of one and of all threads, for the loops and the
# BLAS of libtorch separately. taper runs with its defaults.
set -euo pipefail
folder=$1 rounds=${2:-5} all=$(getconf _NPROCESSORS_ONLN)
counts=1
if ((all > 1)); then counts="1 $all"; fi
results=$(mktemp)
trap 'rm -f "$results"' EXIT

measure() {  # NAME SETTING PROGRAM [option...]: adds a line "row|name|inputs per second|setting"
  local name=$1 setting=$2
  shift 2
  "$@" --repeats 5 --row "$row" |
    sed -E "s/^(.*[^ ]) +([0-9]+) inputs\/s\$/$row|\1|$name|\2|$setting/" >> "$results"
}

for ((round = 1; round <= rounds; ++round)); do
  for row in {1..11}; do
    if [[ -t 2 ]]; then printf '\rround %d of %d, row %d ' "$round" "$rounds" "$row" >&2; fi
    measure taper "" "$folder/train_nets"
    for blas in $counts; do
      ((row > 6)) || measure hand "BLAS $blas" "$folder/handwritten_mlp" --threads "$blas"
      if [[ -x $folder/train_nets_torch ]]; then
        for threads in $counts; do
          measure torch "threads $threads, BLAS $blas" env OPENBLAS_NUM_THREADS="$blas" OMP_NUM_THREADS="$threads" \
            "$folder/train_nets_torch" --threads "$threads"
        done
      fi
    done
  done
done
if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi

awk -F'|' '
  { title[$1] = $2; if ($4 > best[$1, $3]) { best[$1, $3] = $4; setting[$1, $3] = $5 } }
  END {
    printf "%-38s %9s %12s %6s %9s %6s   %s\n", "inputs per second", "taper", "handwritten", "ratio", "libtorch",
      "ratio", "best libtorch setting"
    for (row = 1; row <= 11; ++row) {
      t = best[row, "taper"]; h = best[row, "hand"]; l = best[row, "torch"]
      printf "%-38s %9d", title[row], t
      if (h) printf " %12d %6.2f", h, t / h
      else printf " %12s %6s", "", ""
      if (l) printf " %9d %6.2f   %s", l, t / l, setting[row, "torch"]
      printf "\n"
    }
  }' "$results"
