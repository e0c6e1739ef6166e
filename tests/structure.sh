#!/usr/bin/env bash
# How the sources hang together; `./run check structure` calls it.
#   tests/structure.sh BUILD_FOLDER [JOBS]
# - A folder includes its own files and what stands on the floors below it.
# - The includes between files have no circle.
# - Every installed header compiles by itself, against the installed tree, which has no internal header.
# - Files of more than 400 lines are listed; that alone is no failure.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$1
jobs=${2:-1}
cd "$root"
failed=0

# From the ground up: a folder, and the folders that its files may include. The first that fits a file's path is its own.
# A header of core/ knows nothing above it; its sources call the kernels.
floors='
core/kernels/isa/      core/kernels/isa/ core/kernels/elementwise_ops.h core/elementwise.def core/float_types.h
core/kernels/          core/kernels/ core/
core/.*[.]h$           core/
core/                  core/ version.h
autograd/ops/          autograd/ core/
autograd/              autograd/ core/
serialize/             serialize/ autograd/ core/
data/                  data/ serialize/ autograd/ core/
layers/                layers/ serialize/ autograd/ core/
optim/                 optim/ serialize/ autograd/ core/
'

sources=$(git ls-files 'core/*' 'autograd/*' 'serialize/*' 'data/*' 'layers/*' 'optim/*' | grep -E '[.](h|cpp)$')
includes() {  # "FILE INCLUDED" a line, of our own headers
  # shellcheck disable=SC2086  # a list
  grep -oE '^#include <taper/[^>]+>' $sources /dev/null | sed 's/:#include <taper\// /; s/>$//'
}

if ! includes | awk -v floors="$floors" '
  BEGIN {
    count = split(floors, line, "\n")
    for (i = 1; i <= count; ++i) if (split(line[i], word, " ") > 1) {
      pattern[++rules] = "^" word[1]
      for (j = 2; j in word; ++j) allowed[rules] = allowed[rules] " " word[j]
    }
  }
  {
    for (rule = 1; rule <= rules && $1 !~ pattern[rule];) ++rule
    known = split(allowed[rule], folder, " ")
    for (j = 1; j <= known && index($2, folder[j]) != 1;) ++j
    if (j > known) {
      print $1 " includes " $2 ", which does not stand below it; below are:" allowed[rule]
      wrong = 1
    }
  }
  END { exit wrong }'; then
  failed=1
fi

if ! circles=$(includes | tsort 2>&1 > /dev/null); then
  echo "includes go in a circle:"
  echo "$circles"
  failed=1
fi

installed=$build/installed
rm -rf "$installed"
cmake --install "$build" --component headers --prefix "$installed" > /dev/null
if find "$installed" -name '*_internal.h' -o -path '*/kernels/*' | grep .; then
  echo "internal headers must not be installed, and these are"
  failed=1
fi
headers=$(cd "$installed/include" && find taper -name '*.h' ! -path 'taper/compat/*')
# shellcheck disable=SC2086,SC2016  # a list; $1 is the inner shell's
printf '%s\n' $headers | xargs -P "$jobs" -I{} "${CXX:-g++}" -std=c++20 -Wall -Wextra -Wshadow -Werror -fsyntax-only \
  -I "$installed/include" -x c++ -include {} /dev/null || {
  echo "an installed header must compile by itself"
  failed=1
}

# shellcheck disable=SC2086
long=$(wc -l $sources | awk '$2 != "total" && $1 > 400 {print "  " $1, $2}' | sort -rn)
if [[ -n $long ]]; then printf 'files of more than 400 lines:\n%s\n' "$long"; fi
exit $failed
