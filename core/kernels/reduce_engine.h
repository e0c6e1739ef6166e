// How a reduction runs. Dims of size 1 are dropped, neighbours that form one run of memory are merged, and the rest are
// sorted by stride. Then either
//   runs:    a reduced dim is the densest in memory, and each output reduces runs of that dim; or
//   columns: a kept dim is the densest, and rows of outputs next to each other accumulate together.
// A long reduction is cut into chunks of a fixed number of elements whose results are combined in order.
//
// Internal to reduce.cpp, which has the operations.
#pragma once

#include <taper/core/kernels/reduce.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace taper::kernels::reduction {

inline constexpr int64_t kChunk = int64_t{1} << 16;  // elements: about 10 us of work, so that chunks are worth a thread
inline constexpr int64_t kColumns = 1024;            // accumulators of a task, 8 KB on the stack

// One dim of the loop: strides in elements of input and output (0 for a reduced one).
struct Axis {
  int64_t size, in, out;
};

struct Axes {
  Axis axis[kMaxReduceDims];
  int n = 0;
  int64_t count = 1;

  void push(Axis a) {
    count *= a.size;
    if (a.size == 1) return;
    // Insertion by stride, densest last; expanded dims (stride 0) first.
    int at = n++;
    const auto key = [](const Axis& x) { return x.in == 0 ? std::numeric_limits<int64_t>::max() : x.in; };
    for (; at > 0 && key(axis[at - 1]) <= key(a); --at) axis[at] = axis[at - 1];
    axis[at] = a;
  }
  void merge() {
    int kept = 0;
    for (int i = 1; i < n; ++i) {
      Axis& last = axis[kept];
      const Axis& next = axis[i];
      if (last.in == next.in * next.size && last.out == next.out * next.size) {
        last = {last.size * next.size, next.in, next.out};
      } else {
        axis[++kept] = next;
      }
    }
    if (n > 0) n = kept + 1;
  }
  // Offset of element `i` of axes [0, m), counted with the last one fastest.
  void locate(int64_t i, int m, int64_t& in, int64_t& out) const {
    for (int d = m - 1; d > 0; --d) {
      const int64_t j = i % axis[d].size;
      i /= axis[d].size;
      in += j * axis[d].in;
      out += j * axis[d].out;
    }
    if (m > 0) {
      in += i * axis[0].in;
      out += i * axis[0].out;
    }
  }
};

struct Plan {
  Axes kept, reduced;

  Plan(const Tensor& x, const DimMask& mask) {
    int64_t out = 1;
    for (size_t d = x.sizes().size(); d-- > 0;) {
      const int64_t size = x.sizes()[d];
      if (mask[d]) {
        reduced.push({size, x.strides()[d], 0});
      } else {
        kept.push({size, x.strides()[d], out});
        out *= size;
      }
    }
    kept.merge();
    reduced.merge();
  }
  bool by_columns() const {
    if (kept.n == 0 || reduced.n == 0) return false;
    const int64_t k = kept.axis[kept.n - 1].in, r = reduced.axis[reduced.n - 1].in;
    return k != 0 && (r == 0 || k < r);
  }
};

// A reduction with input and output, known to the loops only by its accumulator, so that they are compiled few times.
// Offsets count elements of the input. `center` is what is subtracted from the elements of an output, for the variance.
template <class Acc>
struct Reducer {
  virtual Acc identity() const = 0;
  virtual Acc combine(Acc a, Acc b) const = 0;
  // a[i] = combine(a[i], b[i])
  virtual void join(Acc* a, const Acc* b, int64_t n) const = 0;
  virtual Acc run(int64_t offset, int64_t n, int64_t stride, double center) const = 0;
  // Runs and stores `outputs` slices of n elements, `step` apart; their outputs are `output_step` apart.
  virtual void slices(int64_t offset, int64_t outputs, int64_t step, int64_t n, int64_t stride, int64_t output,
                      int64_t output_step, const double* center) const = 0;
  virtual void rows(Acc* acc, int64_t offset, int64_t rows, int64_t ld, int64_t cols, int64_t stride,
                    const double* center) const = 0;
  // Stores n outputs, `step` apart.
  virtual void store(int64_t output, int64_t step, const Acc* acc, int64_t n) const = 0;

 protected:
  ~Reducer() = default;
};

// Both store every output once; `center`, when not null, has a number for each.
template <class Acc>
void reduce_runs(const Plan& plan, const Reducer<Acc>& op, const double* center) {
  const Axes &kept = plan.kept, &reduced = plan.reduced;
  const Axis run = reduced.n > 0 ? reduced.axis[reduced.n - 1] : Axis{1, 1, 0};
  const int64_t count = reduced.count, chunks = count <= kChunk ? 1 : (count + kChunk - 1) / kChunk;
  std::unique_ptr<Acc[]> partial(chunks > 1 ? new Acc[static_cast<size_t>(kept.count * chunks)] : nullptr);
  const int64_t tasks = kept.count * chunks, grain = chunks > 1 ? 1 : kChunk / std::max<int64_t>(count, 1);
  parallel_for(0, tasks, grain, [&](int64_t first, int64_t last) {
    if (chunks == 1 && count > 0 && kept.n <= 1 && reduced.n <= 1) {
      const Axis slice = kept.n == 1 ? kept.axis[0] : Axis{1, 0, 0};
      return op.slices(first * slice.in, last - first, slice.in, count, run.in, first * slice.out, slice.out, center);
    }
    for (int64_t task = first; task < last; ++task) {
      const int64_t output = chunks > 1 ? task / chunks : task, chunk = chunks > 1 ? task % chunks : 0;
      int64_t in = 0, out = 0;
      kept.locate(output, kept.n, in, out);
      const double c = center ? center[out] : 0;
      Acc acc = op.identity();
      const int64_t end = std::min(count, (chunk + 1) * kChunk);
      for (int64_t i = chunk * kChunk; i < end;) {
        const int64_t j = i % run.size, n = std::min(run.size - j, end - i);
        int64_t at = in + j * run.in, unused = 0;
        reduced.locate(i / run.size, reduced.n - 1, at, unused);
        acc = op.combine(acc, op.run(at, n, run.in, c));
        i += n;
      }
      if (chunks > 1) {
        partial[static_cast<size_t>(task)] = acc;
      } else {
        op.store(out, 0, &acc, 1);
      }
    }
  });
  for (int64_t output = 0; chunks > 1 && output < kept.count; ++output) {
    int64_t in = 0, out = 0;
    kept.locate(output, kept.n, in, out);
    const Acc* p = partial.get() + output * chunks;
    Acc acc = p[0];
    for (int64_t chunk = 1; chunk < chunks; ++chunk) acc = op.combine(acc, p[chunk]);
    op.store(out, 0, &acc, 1);
  }
}

template <class Acc>
void reduce_columns(const Plan& plan, const Reducer<Acc>& op, const double* center) {
  const Axes &kept = plan.kept, &reduced = plan.reduced;
  const Axis column = kept.axis[kept.n - 1], row = reduced.axis[reduced.n - 1];
  const int64_t width = std::min(column.size, kColumns), blocks = (column.size + width - 1) / width;
  const int64_t count = reduced.count, chunk_rows = std::max<int64_t>(8, kChunk / width);
  const int64_t chunks = (count + chunk_rows - 1) / chunk_rows, outer = kept.count / column.size;
  std::unique_ptr<Acc[]> partial(chunks > 1 ? new Acc[static_cast<size_t>(outer * blocks * chunks * width)] : nullptr);
  const int64_t grain = chunks > 1 ? 1 : kChunk / (count * width);

  // (outer index, block of columns, chunk of rows)
  parallel_for(0, outer * blocks * chunks, grain, [&](int64_t first, int64_t last) {
    const Acc identity = op.identity();
    alignas(64) Acc local[kColumns];
    alignas(64) double centers[kColumns];
    for (int64_t task = first; task < last; ++task) {
      const int64_t chunk = task % chunks, block = task / chunks % blocks;
      int64_t in = 0, out = 0;
      kept.locate(task / chunks / blocks, kept.n - 1, in, out);
      const int64_t from = block * width, cols = std::min(width, column.size - from);
      in += from * column.in;
      out += from * column.out;
      for (int64_t j = 0; j < cols; ++j) centers[j] = center ? center[out + j * column.out] : 0;
      std::fill(local, local + cols, identity);
      const int64_t end = std::min(count, (chunk + 1) * chunk_rows);
      for (int64_t i = chunk * chunk_rows; i < end;) {
        const int64_t r = i % row.size, rows = std::min(row.size - r, end - i);
        int64_t at = in + r * row.in, unused = 0;
        reduced.locate(i / row.size, reduced.n - 1, at, unused);
        op.rows(local, at, rows, row.in, cols, column.in, centers);
        i += rows;
      }
      if (chunks > 1) {
        std::copy(local, local + cols, partial.get() + task * width);  // only now: neighbours share cache lines
      } else {
        op.store(out, column.out, local, cols);
      }
    }
  });
  for (int64_t b = 0; chunks > 1 && b < outer * blocks; ++b) {
    int64_t in = 0, out = 0;
    kept.locate(b / blocks, kept.n - 1, in, out);
    const int64_t from = b % blocks * width, cols = std::min(width, column.size - from);
    Acc* acc = partial.get() + b * chunks * width;
    for (int64_t chunk = 1; chunk < chunks; ++chunk) op.join(acc, acc + chunk * width, cols);
    op.store(out + from * column.out, column.out, acc, cols);
  }
}

template <class Acc>
void reduce_by(const Tensor& x, const DimMask& mask, const Reducer<Acc>& op, const double* center) {
  const Plan plan(x, mask);
  if (plan.by_columns() && x.numel() > 0) {
    reduce_columns(plan, op, center);
  } else {
    reduce_runs(plan, op, center);
  }
}

}  // namespace taper::kernels::reduction
