#include <taper/core/options.h>

namespace taper {

Device::Device(DeviceType type, DeviceIndex) {
  TAPER_CHECK(type == DeviceType::CPU, "device: taper computes on the CPU alone; got CUDA; use taper::kCPU");
}

Device::Device(const std::string& text) {
  TAPER_CHECK(text == "cpu" || text == "cpu:0", "device: taper computes on the CPU alone; got \"", text,
              "\"; use \"cpu\"");
}

}  // namespace taper
