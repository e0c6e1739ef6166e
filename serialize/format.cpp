#include <taper/serialize/format_internal.h>

#include <taper/core/error.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace taper::serialize::detail {
namespace {

constexpr size_t kChunkBytes = 1 << 16;

// f(value), for each From.
template <class From, class To, class F>
void convert_each(const char* from, char* to, size_t count, const F& f) {
  for (size_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, from + i * sizeof(From), sizeof(From));
    const To result = f(value);
    std::memcpy(to + i * sizeof(To), &result, sizeof(To));
  }
}

template <class From, class To>
bool from_unsigned(const char* from, char* to, size_t count) {
  convert_each<From, To>(from, to, count, [](From x) { return static_cast<To>(x); });
  return true;
}

bool from_uint64(const char* from, char* to, size_t count) {
  bool fits = true;
  convert_each<uint64_t, int64_t>(from, to, count, [&](uint64_t x) {
    fits &= x <= INT64_MAX;
    return static_cast<int64_t>(x);
  });
  return fits;
}

constexpr Format kFormats[] = {{"BOOL", kBool, 1},
                               {"U8", kUInt8, 1},
                               {"I8", kInt8, 1},
                               {"I16", kInt16, 2},
                               {"I32", kInt32, 4},
                               {"I64", kInt64, 8},
                               {"F32", kFloat, 4},
                               {"F64", kDouble, 8},
                               {"F16", kHalf, 2},
                               {"BF16", kBFloat16, 2},
                               {"U16", kInt32, 2, from_unsigned<uint16_t, int32_t>},
                               {"U32", kInt64, 4, from_unsigned<uint32_t, int64_t>},
                               {"U64", kInt64, 8, from_uint64}};

void swap_bytes(char* values, size_t count, size_t bytes) {
  for (size_t i = 0; i < count && bytes > 1; ++i) std::reverse(values + i * bytes, values + (i + 1) * bytes);
}

}  // namespace

uint64_t get_number(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = std::min(bytes.size(), at + count); i-- > at;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

std::string put_numbers(std::initializer_list<Number> numbers) {
  std::string bytes;
  for (const auto& [value, count] : numbers) {
    for (size_t i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
  }
  return bytes;
}

const Format& format_of(ScalarType dtype) {
  const Format* format = kFormats;
  while (format->dtype != dtype) ++format;
  return *format;
}

const Format* find_format(std::string_view name) {
  const auto* found = std::find_if(std::begin(kFormats), std::end(kFormats), [&](auto& f) { return f.name == name; });
  return found == std::end(kFormats) ? nullptr : found;
}

void read_values(const std::string& where, const Format& format, bool big_endian, const Tensor& tensor,
                 const std::function<void(void* to, size_t count)>& read) {
  char* to = static_cast<char*>(tensor.data_ptr());
  const size_t count = static_cast<size_t>(tensor.numel());
  if (count == 0) return;
  if (format.convert == nullptr) {
    read(to, count * format.bytes);
    if (big_endian) swap_bytes(to, count, format.bytes);
    if (format.dtype == kBool) {  // a bool that is neither 0 nor 1 is undefined behaviour to whoever reads it
      for (size_t i = 0; i < count; ++i) to[i] = to[i] != 0;
    }
    return;
  }
  char chunk[kChunkBytes];
  for (size_t done = 0; done < count;) {
    const size_t n = std::min(count - done, sizeof chunk / format.bytes);
    read(chunk, n * format.bytes);
    if (big_endian) swap_bytes(chunk, n, format.bytes);
    TAPER_CHECK(format.convert(chunk, to + done * tensor.element_size(), n), where,
                ": the values must be below 2^63, as ", format.dtype, " holds them; got a larger one; convert it");
    done += n;
  }
}

optional<uint64_t> count_elements(IntArrayRef shape) {
  int64_t strides = 1;
  bool empty = false;
  for (int64_t size : shape) {
    if (__builtin_mul_overflow(strides, std::max<int64_t>(size, 1), &strides)) return nullopt;
    empty |= size == 0;
  }
  return empty ? 0 : static_cast<uint64_t>(strides);
}

}  // namespace taper::serialize::detail
