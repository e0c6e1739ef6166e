// Device, Layout and TensorOptions: what factories are told about the tensor to make. The only device is the CPU; the
// types exist so that programs written for libtorch read the same.
#pragma once

#include <taper/core/dtype.h>

#include <optional>
#include <string>

namespace taper {

enum class DeviceType : int8_t { CPU, CUDA };
constexpr DeviceType kCPU = DeviceType::CPU;
constexpr DeviceType kCUDA = DeviceType::CUDA;
using DeviceIndex = int8_t;

// "CPU", or "cpu" with lower_case, as it is printed.
constexpr const char* DeviceTypeName(DeviceType type, bool lower_case = false) {
  if (type == DeviceType::CPU) return lower_case ? "cpu" : "CPU";
  return lower_case ? "cuda" : "CUDA";
}
template <detail::TextStream Stream>
Stream& operator<<(Stream& stream, DeviceType type) {
  return stream << DeviceTypeName(type, true), stream;
}

class TAPER_API Device {
 public:
  // Anything but the CPU is an error that says so.
  Device(DeviceType type = DeviceType::CPU, DeviceIndex index = -1);  // NOLINT
  Device(const std::string& text);                                    // NOLINT: "cpu"
  Device(const char* text) : Device(std::string(text)) {}             // NOLINT
  DeviceType type() const { return DeviceType::CPU; }
  DeviceIndex index() const { return -1; }
  bool is_cpu() const { return true; }
  bool is_cuda() const { return false; }
  std::string str() const { return "cpu"; }
  friend bool operator==(Device, Device) { return true; }
  template <detail::TextStream Stream>
  friend Stream& operator<<(Stream& stream, const Device& device) {
    return stream << device.str(), stream;
  }
};

namespace cuda {
inline bool is_available() { return false; }
inline size_t device_count() { return 0; }
}  // namespace cuda

enum class Layout : int8_t { Strided };
constexpr Layout kStrided = Layout::Strided;
enum class MemoryFormat : int8_t { Contiguous, Preserve };
template <detail::TextStream Stream>
Stream& operator<<(Stream& stream, Layout) {
  return stream << "Strided", stream;
}
template <detail::TextStream Stream>
Stream& operator<<(Stream& stream, MemoryFormat format) {
  return stream << (format == MemoryFormat::Contiguous ? "Contiguous" : "Preserve"), stream;
}

// dtype, device, layout and requires_grad, each absent until set:
//   taper::zeros({2, 3}, taper::dtype(taper::kFloat64).requires_grad(true))
class TensorOptions {
 public:
  TensorOptions() = default;
  TensorOptions(ScalarType type) : dtype_(type) {}  // NOLINT
  TensorOptions(Device) {}                          // NOLINT
  TensorOptions(DeviceType type) { Device{type}; }  // NOLINT
  TensorOptions(Layout) {}                          // NOLINT

  [[nodiscard]] TensorOptions dtype(std::optional<ScalarType> type) const {
    TensorOptions r = *this;
    r.dtype_ = type;
    return r;
  }
  template <class T>
  [[nodiscard]] TensorOptions dtype() const {
    return dtype(dtype_of<T>);
  }
  [[nodiscard]] TensorOptions device(Device) const { return *this; }
  [[nodiscard]] TensorOptions layout(Layout) const { return *this; }
  [[nodiscard]] TensorOptions requires_grad(std::optional<bool> value) const {
    TensorOptions r = *this;
    r.requires_grad_ = value;
    return r;
  }
  [[nodiscard]] TensorOptions pinned_memory(std::optional<bool>) const { return *this; }

  ScalarType dtype() const { return dtype_ ? *dtype_ : get_default_dtype(); }
  std::optional<ScalarType> dtype_opt() const { return dtype_; }
  bool has_dtype() const { return dtype_.has_value(); }
  Device device() const { return {}; }
  Layout layout() const { return kStrided; }
  bool requires_grad() const { return requires_grad_.value_or(false); }

 private:
  std::optional<ScalarType> dtype_;
  std::optional<bool> requires_grad_;
};

inline TensorOptions dtype(ScalarType type) { return TensorOptions(type); }
inline TensorOptions device(Device d) { return TensorOptions(d); }
inline TensorOptions layout(Layout l) { return TensorOptions(l); }
inline TensorOptions requires_grad(bool value = true) { return TensorOptions().requires_grad(value); }

}  // namespace taper
