// Programs written for libtorch compile unchanged with this folder on the include path (CMake: taper::torch_compat).
//
//   #include <torch/torch.h>
//   torch::Tensor x = torch::randn({2, 3});
//
// torch, at and c10 are aliases of taper; libtorch's macros are defined, and the headers of the standard library that
// libtorch's header includes are included. Every other public header of libtorch includes this one. Differences and
// missing names: docs/porting.md. A program written for taper should include <taper/taper.h>, which compiles faster;
// `namespace torch = taper;` is one line.
#pragma once

#include <taper/taper.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <chrono>
#include <cmath>
#include <complex>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <iomanip>
#include <iostream>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <queue>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <torch/detail/macros.h>
#include <torch/detail/names.h>

namespace torch = taper;
namespace at = taper;
namespace c10 = taper;

// The libtorch whose interface this is, for programs that ask.
#define TORCH_VERSION_MAJOR 1
#define TORCH_VERSION_MINOR 13
#define TORCH_VERSION_PATCH 1
#define TORCH_VERSION "1.13.1"
