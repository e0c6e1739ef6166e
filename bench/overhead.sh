#!/usr/bin/env bash
# The fixed costs of taper: start-up, memory, libraries loaded, compile time; compared with libtorch if it was found.
#   overhead.sh FOLDER_OF_THE_PROGRAMS INCLUDE_FOLDER [INCLUDE_FOLDER_OF_LIBTORCH]
set -euo pipefail
folder=$1 include=$2 torch_include=${3:-} cxx=${CXX:-g++}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

milliseconds() {  # RUNS COMMAND...: the shortest
  local runs=$1 best="" start took i
  shift
  for ((i = 0; i < runs; ++i)); do
    start=${EPOCHREALTIME/[.,]/}
    "$@" > "$work/out" 2>&1 || { cat "$work/out" >&2 && return 1; }
    took=$((${EPOCHREALTIME/[.,]/} - start))
    if [[ -z $best ]] || ((took < best)); then best=$took; fi
  done
  awk -v us="$best" 'BEGIN { printf "%.1f", us / 1000 }'
}

cat > "$work/net.cpp" << 'CPP'
#include HEADER
int main() {
  torch::nn::Sequential net(torch::nn::Linear(784, 100), torch::nn::ReLU(), torch::nn::Linear(100, 10));
  torch::optim::SGD optimizer(net->parameters(), torch::optim::SGDOptions(0.1).momentum(0.9));
  auto x = torch::randn({64, 784}), y = torch::randint(10, {64}, torch::kLong);
  for (int step = 0; step < 10; ++step) {
    optimizer.zero_grad();
    torch::nn::functional::cross_entropy(net->forward(x), y).backward();
    optimizer.step();
  }
}
CPP
sed 's/HEADER/<torch\/torch.h>/' "$work/net.cpp" > "$work/torch_net.cpp"
sed 's/HEADER/<taper\/taper.h>\nnamespace torch = taper;/' "$work/net.cpp" > "$work/taper_net.cpp"
echo '#include <taper/taper.h>' > "$work/taper_header.cpp"
echo '#include <torch/torch.h>' > "$work/torch_header.cpp"

megabytes() {  # PROGRAM: of the libraries it loads, itself included, without the C and C++ standard libraries
  local total=0 file
  # The dynamic linker tells of those that are loaded while it runs as well.
  LD_DEBUG=files "$1" 2>&1 > /dev/null | sed -nE 's/.*calling init: (\/.*)/\1/p' | sort -u > "$work/loaded"
  for file in "$1" $(grep -vE '/(libc|libm|libstdc\+\+|libgcc_s|libdl|libpthread|ld-linux.*)\.so' "$work/loaded"); do
    total=$((total + $(stat -L -c %s "$file")))
  done
  awk -v bytes="$total" 'BEGIN { printf "%.1f", bytes / 1e6 }'
}

report() {  # NAME PROGRAM COMPILER_FLAG...
  local name=$1 program=$2
  shift 2
  milliseconds 20 "$program" > "$work/start"
  printf '%-9s start and one backward %7s ms, %s\n' "$name" "$(cat "$work/start")" \
    "$(sed -E 's/.*most memory held ([0-9.]+ MiB)/\1 of memory/' "$work/out")"
  strip -o "$work/stripped" "$program"
  printf '%-9s the program, stripped, and its libraries %s MB (the program %s MB)\n' "$name" "$(megabytes "$work/stripped")" \
    "$(awk -v b="$(stat -c %s "$work/stripped")" 'BEGIN { printf "%.1f", b / 1e6 }')"
  printf '%-9s compiling the header alone %7s ms, a small training program %7s ms (%s -O2)\n' "$name" \
    "$(milliseconds 3 "$cxx" -std=c++20 -O2 "$@" -c "$work/${name}_header.cpp" -o "$work/header.o")" \
    "$(milliseconds 3 "$cxx" -std=c++20 -O2 "$@" -c "$work/${name}_net.cpp" -o "$work/net.o")" "$cxx"
}

report taper "$folder/startup" -I "$include"
if [[ -x $folder/startup_torch && -n $torch_include ]]; then
  flags=(-isystem "$torch_include")
  root=$(realpath "$torch_include/../../../..")
  if [[ $root != /usr/include ]]; then flags+=(-isystem "$root"); fi
  report torch "$folder/startup_torch" "${flags[@]}"
fi
