#!/usr/bin/env bash
# Objects compiled for avx2 or avx512 must define no weak symbol (an inline function or template from a header): the
# linker may choose that copy for the whole program, which then dies on a machine without the instructions.
#   isa_symbols.sh avx2 OBJECT...
set -euo pipefail
isa=$1
shift
if leaks=$(nm -C --defined-only "$@" | grep -E '^[0-9a-f]+ [WVu] ' | grep -v "$isa"); then
  echo "symbols that must be in an anonymous namespace or named after $isa:"
  echo "$leaks"
  exit 1
fi
