#include "catch.h"
#include "support/text.h"

#include <taper/core/random.h>
#include <taper/layers/nn.h>

using namespace taper;
namespace rnn = nn::utils::rnn;

namespace {

#define CHECK_REFUSED(call, text) \
  CHECK_THAT(support::error_of([&] { static_cast<void>(call); }), ContainsSubstring(text))

Tensor longs(const std::vector<int64_t>& values) { return tensor(values); }

}  // namespace

TEST_CASE("a packed sequence has the rows step by step, the longest sequence first") {
  const auto packed = rnn::pack_sequence({tensor({1.f}), tensor({2.f, 3.f, 4.f}), tensor({5.f, 6.f})}, false);
  CHECK(packed.data().equal(tensor({2.f, 5.f, 1.f, 3.f, 6.f, 4.f})));
  CHECK(packed.batch_sizes().equal(longs({3, 2, 1})));
  CHECK(packed.sorted_indices().equal(longs({1, 2, 0})));
  CHECK(packed.unsorted_indices().equal(longs({2, 0, 1})));
}

TEST_CASE("padding undoes packing, whatever the order and the layout") {
  manual_seed(1);
  const Tensor x = randn({4, 3, 2});
  for (const bool batch_first : {false, true}) {
    const Tensor in = batch_first ? x.transpose(0, 1) : x;
    for (const auto& lengths : std::vector<std::vector<int64_t>>{{4, 4, 4}, {3, 2, 1}, {1, 4, 2}, {2, 2, 4}}) {
      const auto packed = rnn::pack_padded_sequence(in, longs(lengths), batch_first, false);
      const auto [y, back] = rnn::pad_packed_sequence(packed, false, 0.5, 5);
      CHECK(back.equal(longs(lengths)));
      CHECK(y.sizes().vec() == std::vector<int64_t>{5, 3, 2});
      for (int64_t b = 0; b < 3; ++b) {
        const int64_t length = lengths[static_cast<size_t>(b)];
        CHECK(y.select(1, b).narrow(0, 0, length).equal(x.select(1, b).narrow(0, 0, length)));
        CHECK((y.select(1, b).narrow(0, length, 5 - length) == 0.5).all().item<bool>());
      }
    }
  }
}

TEST_CASE("sorted sequences have no indices, and any dtype is packed") {
  const auto packed = rnn::pack_padded_sequence(arange(6).view({3, 2}), longs({3, 1}));
  CHECK(packed.data().equal(longs({0, 1, 2, 4})));
  CHECK(!packed.sorted_indices().defined());
  CHECK(!packed.unsorted_indices().defined());
  CHECK(packed.to(kFloat32).data().dtype() == kFloat32);
  CHECK(std::get<0>(rnn::pad_packed_sequence(packed, true)).equal(longs({0, 2, 4, 1, 0, 0}).view({2, 3})));
}

TEST_CASE("pad_sequence pads to the longest") {
  const Tensor y = rnn::pad_sequence({ones({2, 3}), ones({4, 3}), ones({0, 3})}, true, -1);
  CHECK(y.sizes().vec() == std::vector<int64_t>{3, 4, 3});
  CHECK(y.sum().item<float>() == 6 - 6 + 12 - 12);
  CHECK(rnn::pad_sequence({ones({2}), ones({1})}).equal(tensor({{1.f, 1.f}, {1.f, 0.f}})));
}

TEST_CASE("lengths and sizes that do not fit are refused") {
  const Tensor x = ones({3, 2, 1});
  CHECK_REFUSED(rnn::pack_padded_sequence(x, longs({1, 3})), "pack_padded_sequence: lengths must not grow; got [1, 3]");
  CHECK_REFUSED(rnn::pack_padded_sequence(x, longs({3, 0})), "lengths must be from 1 to 3, the steps of the input");
  CHECK_REFUSED(rnn::pack_padded_sequence(x, longs({4, 1})), "lengths must be from 1 to 3");
  CHECK_REFUSED(rnn::pack_padded_sequence(x, longs({3})), "there must be a length for each of 2 sequences");
  CHECK_REFUSED(rnn::pack_padded_sequence(ones({0, 2, 1}), longs({1, 1})), "and an element; got sizes [0, 2, 1]");
  CHECK_REFUSED(rnn::pad_packed_sequence(rnn::pack_padded_sequence(x, longs({3, 1})), false, 0, 2),
                "pad_packed_sequence: total_length must be at least the longest length, 3; got 2");
  CHECK_REFUSED(rnn::pad_sequence({}), "pad_sequence: there must be a sequence");
  CHECK_REFUSED(rnn::pad_sequence({ones({2, 3}), ones({2, 4})}), "pad_sequence: sequences must have the same sizes");
}

TEST_CASE("batch sizes that make no sense are refused by the network") {
  nn::GRU gru(1, 2);
  const auto run = [&](const std::vector<int64_t>& sizes) {
    return gru->forward_with_packed_input(rnn::PackedSequence(ones({5, 1}), longs(sizes)));
  };
  CHECK_REFUSED(run({2, 3}), "gru: batch_sizes must be positive and never grow");
  CHECK_REFUSED(run({3, 1}), "gru: batch_sizes must add up to the rows of the data, 5; their sum is 4");
  CHECK_REFUSED(run({}), "GRU: sequences must have at least one step");
}
