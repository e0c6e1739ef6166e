#!/usr/bin/env bash
# refused.sh FILE COMPILER...: FILE must be refused with an error on each line that says `// error: text`, which has
# this text, and on no others.
set -euo pipefail
file=$1
shift
if output=$("$@" -fsyntax-only "$file" 2>&1); then
  echo "it compiles"
  exit 1
fi
# "line message" for every error; what is in a header counts for the line that includes it
found=$(awk -v here="$file:" '
  /(In file included|^ +) from / && (at = index($0, here)) { included = substr($0, at + length(here)) + 0 }
  /^[^ ]+:[0-9]+:[0-9]+: (fatal )?error: / {  # not the source line that is shown below it
    line = index($0, here) == 1 ? substr($0, length(here) + 1) + 0 : included
    print line, substr($0, index($0, "error: "))
  }' <<< "$output" | sort -u)
failed=0
while IFS=: read -r line text; do
  text=${text#*// error: }
  if ! grep -E "^$line " <<< "$found" | grep -qF -- "$text"; then
    echo "line $line must be refused with: $text"
    failed=1
  fi
  found=$(grep -Ev "^$line " <<< "$found" || true)
done < <(grep -n '// error: ' "$file")
if [[ -n $found ]]; then
  printf 'besides:\n%s\n' "$found"
  failed=1
fi
exit $failed
