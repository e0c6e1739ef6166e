// Making and reading tensors refuses bad arguments and says which: a row a check.
#include <taper/taper.h>

#include "catch.h"
#include "support/refused.h"

#include <cmath>

using namespace taper;
using namespace support;

namespace {

const Refusals kMade = {
    REFUSED(empty_strided({2}, {-1}), "empty_strided: strides must not be negative; got [-1]"),
    REFUSED(empty_strided({2}, {1, 1}), "empty_strided: sizes and strides must have one entry per dimension; got [2]"),
    REFUSED(from_blob(nullptr, {2}, {1, 1}), "from_blob: sizes and strides must have one entry per dimension; got [2]"),
    REFUSED(arange(0, INFINITY, 1), "arange: start and end must be finite and step not 0; got 0, inf, 1"),
    REFUSED(arange(0, 3, -1), "arange: the sign of step must lead from start to end; got 0, 3, -1"),
    REFUSED(linspace(0, 1, -1), "linspace: the number of steps must not be negative; got -1"),
    REFUSED(randperm(-1), "randperm: n must not be negative; got -1"),
    REFUSED(tensor({{1, 2}, {3}}), "tensor: all lists of one level must have the same sizes; got [2] and [1]"),
    REFUSED(tensor({{1, 2}, {3., 4.}}), "tensor: all values must be of one kind; got Long and"),
    REFUSED(ones(1, kFloat64).expand({int64_t{1} << 61}).neg(), "neg: a result of sizes [2305843009213693952]"),
    REFUSED(ones(2).item(), "item: the tensor must have one element; got sizes [2]"),
    REFUSED((ones(2).accessor<float, 2>()), "accessor: the tensor must have 2 dimensions; got sizes [2]"),
    REFUSED(-Scalar(true), "neg: a bool has no negative; use !value"),
    REFUSED(sum(ones(std::vector<int64_t>(65, 1)), 0), "sum: a tensor of at most 64 dimensions is needed; got 65"),
    REFUSED(Device(DeviceType::CUDA), "device: taper computes on the CPU alone; got CUDA; use taper::kCPU"),
    REFUSED(Device("cuda:0"), "device: taper computes on the CPU alone; got \"cuda:0\"; use \"cpu\""),
    REFUSED(ArrayRef<int>(std::vector<int>{1, 2}).at(2), "ArrayRef: the index must be below the length; got index 2"),
};

}  // namespace

TEST_CASE("making and reading tensors refuses bad arguments") { check_refused(kMade); }
