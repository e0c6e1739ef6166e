#!/usr/bin/env bash
# Every function of bench/functions.h, forward and backward, four sizes: taper and libtorch, if it was found, in turn.
#   compare_functions.sh FOLDER_OF_THE_PROGRAMS CSV [--threads N] [REGEX of "FAMILY|FUNCTION|forward or backward|SIZE"]
# Writes a row for each case into the CSV, and prints the slowest and how many there are.
set -euo pipefail
folder=$1 csv=$2 threads=1 pattern=""
shift 2
while (($#)); do
  case $1 in
    --threads) threads=$2 && shift ;;
    *) pattern=$1 ;;
  esac
  shift
done
names=(taper)
programs=("$folder/functions")
if [[ -x $folder/functions_torch ]]; then
  names+=(libtorch)
  programs+=("$folder/functions_torch")
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ask=() answer=()
for i in "${!programs[@]}"; do
  mkfifo "$work/ask$i" "$work/answer$i"
  OMP_NUM_THREADS=$threads "${programs[i]}" --threads "$threads" < "$work/ask$i" > "$work/answer$i" 2>> "$work/errors" &
  exec {to}> "$work/ask$i" {from}< "$work/answer$i"
  ask+=("$to") answer+=("$from")
done

number=0 done=0
wanted=$("$folder/functions" --list | grep -cE -- "$pattern" || true)
mkdir -p "$(dirname "$csv")"
echo "family,function,pass,size,taper_ns,libtorch_ns,speed" > "$csv"
while IFS='|' read -r family name pass size; do
  case="$family|$name|$pass|$size" n=$((number++))
  if [[ -n $pattern && ! $case =~ $pattern ]]; then continue; fi
  if [[ -t 2 ]]; then printf '\r\033[K%d of %d: %s ' "$((++done))" "$wanted" "$case" >&2; fi
  best=(0 0)
  rounds=5
  if [[ $size == 64MB ]]; then rounds=3; fi
  for ((round = 0; round < rounds; ++round)); do
    for i in "${!programs[@]}"; do
      echo "$n" >&"${ask[i]}"
      read -r "best[$i]" <&"${answer[i]}" || { cat "$work/errors" >&2 && exit 1; }
    done
  done
  awk -v OFS=, -v row="$family,\"$name\",$pass,$size" -v t="${best[0]}" -v l="${best[1]}" \
    'BEGIN { print row, t, (l > 0 ? l : ""), (t > 0 && l > 0 ? sprintf("%.2f", l / t) : "") }' >> "$csv"
done < <("$folder/functions" --list)
if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi
sed -E "s/^W[0-9].*\] //" "$work/errors" | sort -u | cut -c1-300 >&2

if ((${#programs[@]} == 1)); then
  column -s, -t "$csv"
  exit
fi
# FAMILY,"FUNCTION",PASS,SIZE,... where FUNCTION may have commas
rows() { sed -nE 's/^([a-z]+),"(.*)",(.*),(.*),(.*),(.*),(.+)$/\1|\2|\3|\4|\5|\6|\7/p' "$csv"; }
rows | awk -F'|' '
  { ++all[$4]; if ($7 < 0.95) ++slow[$4]; sum[$4] += log($7) }
  END {
    for (i = split("tiny 4KB 1MB 64MB", size, " "); i > 0; --i) {
      s = size[i]
      if (all[s]) printf "%-5s %4d cases, %4d slower than libtorch (below 0.95), mean speed %.2f of it\n", s, all[s],
        slow[s], exp(sum[s] / all[s])
    }
  }'
echo
printf '%-12s %-34s %-9s %-5s %12s %12s %6s\n' family function pass size "taper ns" "libtorch ns" speed
rows | awk -F'|' '$7 < 0.95' | sort -t'|' -k7,7n | head -n 40 |
  awk -F'|' '{ printf "%-12s %-34s %-9s %-5s %12.0f %12.0f %6.2f\n", $1, $2, $3, $4, $5, $6, $7 }'
echo "all of it: $csv"
