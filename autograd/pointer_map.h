// PointerMap: from pointers to small numbers; open addressing, cheap to make for the usual handful of entries.
// Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace taper::autograd {

class PointerMap {
 public:
  static constexpr uint32_t kNone = ~0u;

  uint32_t find(const void* key) const {
    for (size_t i = home(key);; i = (i + 1) & mask_) {
      if (cells_[i].key == key) return cells_[i].value;
      if (!cells_[i].key) return kNone;
    }
  }
  void insert(const void* key, uint32_t value) {
    if (2 * ++size_ > mask_) grow();
    place({key, value});
  }
  void erase(const void* key) {
    size_t i = home(key);
    while (cells_[i].key != key) i = (i + 1) & mask_;
    // Close the gap: move back every follower that would not be found past it.
    for (size_t j = (i + 1) & mask_; cells_[j].key; j = (j + 1) & mask_) {
      if (((j - home(cells_[j].key)) & mask_) >= ((j - i) & mask_)) cells_[std::exchange(i, j)] = cells_[j];
    }
    cells_[i].key = nullptr;
    --size_;
  }

 private:
  struct Cell {
    const void* key = nullptr;
    uint32_t value = 0;
  };
  static constexpr size_t kInline = 32;

  size_t home(const void* key) const {
    return static_cast<size_t>(reinterpret_cast<uintptr_t>(key) * 0x9E3779B97F4A7C15u >> 32) & mask_;
  }
  void place(Cell cell) {
    size_t i = home(cell.key);
    while (cells_[i].key) i = (i + 1) & mask_;
    cells_[i] = cell;
  }
  void grow() {
    std::vector<Cell> before(cells_, cells_ + mask_ + 1);
    mask_ = 2 * mask_ + 1;
    heap_.assign(mask_ + 1, {});
    cells_ = heap_.data();
    for (const Cell& cell : before) {
      if (cell.key) place(cell);
    }
  }

  Cell inline_[kInline];
  std::vector<Cell> heap_;
  Cell* cells_ = inline_;
  size_t mask_ = kInline - 1, size_ = 0;
};

}  // namespace taper::autograd
