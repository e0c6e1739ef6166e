#!/usr/bin/env bash
# What `./run` says, with a cmake and a package list that are made up: nothing is built or installed.
#   tests/run.sh PATH_OF_RUN
set -euo pipefail
run=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TAPER_BUILD_DIR=$folder/build
cd "$folder"

fail() {
  printf 'FAILED: %s\n%s\n' "$1" "$(cat out)"
  exit 1
}
# refuses TEXT ARGUMENT...: the command fails and says TEXT.
refuses() {
  local text=$1
  shift
  if "$run" "$@" > out 2>&1; then fail "./run $* must fail"; fi
  grep -qF -- "$text" out || fail "./run $* must say: $text"
}

refuses "There are: build examples test" install
refuses "no package group named foo; there are: build" install build foo
refuses "no example named nosuch; there are: 01_tensor" example nosuch
refuses "There are: 01_tensor" example
refuses "no program named nosuch; there are: " bench nosuch
refuses "./run install onnxruntime fetches it" bench onnxruntime
refuses "no stage named nosuch; there are: format" check nosuch
refuses "no command named nosuch" nosuch

# A build of four steps in which nothing happens for a second or two.
mkdir bin
cat > bin/dpkg-query << 'FAKE'
#!/bin/sh
echo "install ok installed"
FAKE
cat > bin/cmake << 'FAKE'
#!/bin/sh
if [ "$1" = --build ]; then
  printf '[1/4] one\n[2/4] two\n'
  sleep "${FAKE_SECONDS:-2}"
  mkdir -p "$2/examples"
  printf '#!/bin/sh\necho ran "$@"\n' > "$2/examples/01_tensor"
  chmod +x "$2/examples/01_tensor"
  exit "${FAKE_RESULT:-0}"
fi
FAKE
chmod +x bin/*
export PATH=$folder/bin:$PATH

"$run" example 01_tensor word > out 2>&1 || fail "a build that succeeds"
grep -q '^build 01_tensor (release) *ok, [0-9]* s$' out || fail "the line of a phase"
grep -q '^ran word$' out || fail "the program runs"
if FAKE_RESULT=1 "$run" example 01_tensor > out 2>&1; then fail "a build that fails"; fi
grep -q '^build 01_tensor (release) *FAILED' out || fail "the line of a phase that fails"
if grep -q ran out; then fail "no program after a build that failed"; fi

if command -v script > /dev/null; then  # a terminal, where the progress is shown each second
  TERM=xterm FAKE_SECONDS=4 script -qec "'$run' example 01_tensor" /dev/null > out 2>&1 < /dev/null || fail "on a terminal"
  grep -qE '[0-9]+ s, 2 of 4 done, about [0-9]+ s left' out || fail "progress on a terminal"
fi
FAKE_SECONDS=20 "$run" example 01_tensor > out 2>&1 || fail "a long build"
grep -qE '^build 01_tensor \(release\) *[12][0-9] s, 2 of 4 done, about [12][0-9] s left$' out || fail "progress in lines"
