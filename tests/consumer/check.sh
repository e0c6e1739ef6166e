#!/usr/bin/env bash
# Installs taper afresh, static and shared, moves the tree, and builds and runs the consumer by every documented way.
#   tests/consumer/check.sh BUILD_FOLDER
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$source_dir/tests/consumer
mkdir -p "$1" && cd "$1"
library=$PWD-library  # as deep as other build folders, whose cached objects it can take
library_only=(-DTAPER_BUILD_TESTS=OFF -DTAPER_BUILD_EXAMPLES=OFF -DTAPER_BUILD_BENCH=OFF -DTAPER_UNITY=ON)
launcher=()
if command -v ccache > /dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
jobs=$(nproc 2> /dev/null || echo 2)

say() { printf '\n== consumer: %s\n' "$*"; }

say "what is missing is said at once"
disabled=()
for name in OpenBLAS fmt ZLIB PNG nlohmann_json CLI11 Catch2; do disabled+=("-DCMAKE_DISABLE_FIND_PACKAGE_$name=ON"); done
if cmake -S "$source_dir" -B missing "${disabled[@]}" > missing.log 2>&1; then
  echo "a configuration without libraries must fail"
  exit 1
fi
said=$(tr -s ' \n' ' ' < missing.log)
for words in "not found: OpenBLAS, fmt, ZLIB, PNG, nlohmann_json, CLI11, Catch2" "apt-get install libopenblas-dev libfmt-dev \
zlib1g-dev libpng-dev nlohmann-json3-dev libcli11-dev catch2"; do
  if [[ $said != *"$words"* ]]; then
    cat missing.log
    exit 1
  fi
done

for kind in static shared; do
  say "build and install, $kind"
  shared=$([[ $kind == shared ]] && echo ON || echo OFF)
  cmake -S "$source_dir" -B "$library" "${library_only[@]}" -DBUILD_SHARED_LIBS="$shared"
  cmake --build "$library" -j "$jobs"

  say "uninstall, $kind"
  rm -rf "$kind/removed"
  cmake --install "$library" --prefix "$PWD/$kind/removed"
  echo "not taper's" > "$kind/removed/include/other.h"
  cmake --build "$library" --target uninstall
  left=$(find "$kind/removed" ! -type d -o -path '*/taper*')
  if [[ $left != "$kind/removed/include/other.h" ]]; then
    echo "uninstall must remove what was installed, and that alone; left: $left"
    exit 1
  fi

  rm -rf "$kind/stage" "$kind/moved"
  cmake --install "$library" --prefix "$PWD/$kind/stage"
  mv "$kind/stage" "$kind/moved"  # an installed tree must not remember where it was made
  prefix=$PWD/$kind/moved

  say "find_package, $kind"
  rm -rf "$kind/find_package"
  cmake -S "$here" -B "$kind/find_package" -DCMAKE_PREFIX_PATH="$prefix"
  cmake --build "$kind/find_package"
  "$kind/find_package/consumer"

  say "find_package(Torch), $kind"
  rm -rf "$kind/find_torch"
  cmake -S "$here/libtorch_program" -B "$kind/find_torch" -DTorch_DIR="$(dirname "$prefix"/lib*/cmake/taper/torch/TorchConfig.cmake)"
  cmake --build "$kind/find_torch"
  "$kind/find_torch/libtorch_program"

  say "pkg-config, $kind"
  export PKG_CONFIG_PATH=$prefix/lib/pkgconfig:$prefix/lib64/pkgconfig
  for static in "" --static; do
    # pkg-config escapes spaces in paths with a backslash, which eval undoes
    eval "arguments=($(pkg-config --cflags --libs $static taper))"
    "${CXX:-g++}" -std=c++20 -O1 -Wall -Wextra -Werror "$here/main.cpp" -o "$kind/consumer" "${arguments[@]}"
    LD_LIBRARY_PATH=$prefix/lib:$prefix/lib64 "$kind/consumer"
    if [[ $kind == shared ]]; then break; fi
  done
done

say "FetchContent from the folder, as one static program"
cmake -S "$here" -B fetch_content -DTAPER_SOURCE="$source_dir" -DTAPER_STATIC=ON -DCMAKE_EXE_LINKER_FLAGS=-static \
  -DTAPER_UNITY=ON -DCMAKE_BUILD_TYPE=Debug "${launcher[@]}"
cmake --build fetch_content -j "$jobs"
fetch_content/consumer
if readelf --program-headers fetch_content/consumer | grep -q INTERP; then
  echo "a static program must not ask for a dynamic linker"
  exit 1
fi
if [[ -e fetch_content/_deps/taper-build/tests ]]; then
  echo "taper inside another project must build its library only, and built its tests"
  exit 1
fi
say "all ways work"
