// OrderedDict: a dictionary that remembers the order of insertion; libtorch's interface.
//
//   for (const auto& item : net->named_parameters()) use(item.key(), item.value());
//   for (auto& [name, value] : dict) value.zero_();
#pragma once

#include <taper/core/error.h>

#include <initializer_list>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace taper {

template <class Key, class Value>
class OrderedDictItem {
 public:
  OrderedDictItem(Key key, Value value) : pair_(std::move(key), std::move(value)) {}
  const Key& key() const noexcept { return pair_.first; }
  Value& value() noexcept { return pair_.second; }
  const Value& value() const noexcept { return pair_.second; }
  Value& operator*() { return pair_.second; }
  const Value& operator*() const { return pair_.second; }
  Value* operator->() { return &pair_.second; }
  const Value* operator->() const { return &pair_.second; }
  const std::pair<Key, Value>& pair() const noexcept { return pair_; }

  // What `auto& [key, value] = item` binds; the key stays as it is.
  template <size_t I>
  auto& get() noexcept {
    if constexpr (I == 0) {
      return key();
    } else {
      return value();
    }
  }
  template <size_t I>
  const auto& get() const noexcept {
    return std::get<I>(pair_);
  }

 private:
  std::pair<Key, Value> pair_;
};

template <class Key, class Value>
class OrderedDict {
 public:
  using Item = OrderedDictItem<Key, Value>;
  using Iterator = typename std::vector<Item>::iterator;
  using ConstIterator = typename std::vector<Item>::const_iterator;

  // `key_description` names the keys in errors: "Parameter 'w' ...".
  explicit OrderedDict(std::string key_description = "Key") : key_description_(std::move(key_description)) {}
  OrderedDict(std::initializer_list<Item> items) {
    for (const Item& item : items) insert(item.key(), item.value());
  }

  const std::string& key_description() const noexcept { return key_description_; }
  size_t size() const noexcept { return items_.size(); }
  bool is_empty() const noexcept { return items_.empty(); }
  void reserve(size_t n) { items_.reserve(n); }
  Iterator begin() { return items_.begin(); }
  Iterator end() { return items_.end(); }
  ConstIterator begin() const { return items_.begin(); }
  ConstIterator end() const { return items_.end(); }
  const std::vector<Item>& items() const noexcept { return items_; }

  // By position; an error beyond the end.
  Item& operator[](size_t i) { return const_cast<Item&>(std::as_const(*this)[i]); }
  const Item& operator[](size_t i) const {
    TAPER_CHECK_INDEX(i < size(), "OrderedDict: the index must be below the size; got index ", i, " and size ", size());
    return items_[i];
  }
  // The first and the last; an error when there is none.
  Item& front() { return const_cast<Item&>(std::as_const(*this).front()); }
  const Item& front() const {
    TAPER_CHECK_INDEX(!is_empty(), "OrderedDict: front() needs an item; the dictionary is empty");
    return items_.front();
  }
  Item& back() { return const_cast<Item&>(std::as_const(*this).back()); }
  const Item& back() const {
    TAPER_CHECK_INDEX(!is_empty(), "OrderedDict: back() needs an item; the dictionary is empty");
    return items_.back();
  }

  // By key; an error when it is absent.
  Value& operator[](const Key& key) { return const_cast<Value&>(std::as_const(*this)[key]); }
  const Value& operator[](const Key& key) const {
    const Value* value = find(key);
    TAPER_CHECK_INDEX(value, key_description_, " '", key, "' is not defined");
    return *value;
  }
  // Null when the key is absent.
  Value* find(const Key& key) noexcept { return const_cast<Value*>(std::as_const(*this).find(key)); }
  const Value* find(const Key& key) const noexcept {
    const auto it = index_.find(key);
    return it == index_.end() ? nullptr : &items_[it->second].value();
  }
  bool contains(const Key& key) const noexcept { return index_.count(key) != 0; }

  // Appends; a key that is there already is an error. The reference is good until the next insertion.
  Value& insert(Key key, Value value) {
    check_new(key);
    items_.emplace_back(key, std::move(value));
    index_.emplace(std::move(key), items_.size() - 1);
    return items_.back().value();
  }
  // Inserts every item of `other`; all keys must be new, or nothing is changed.
  void update(const OrderedDict& other) {
    for (const Item& item : other) check_new(item.key());
    reserve(size() + other.size());
    for (const Item& item : other) insert(item.key(), item.value());
  }
  // An error when the key is absent.
  void erase(const Key& key) {
    const auto it = index_.find(key);
    TAPER_CHECK_INDEX(it != index_.end(), key_description_, " '", key, "' is not defined");
    const size_t at = it->second;
    index_.erase(it);
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(at));
    for (auto& entry : index_) {
      if (entry.second > at) --entry.second;
    }
  }
  void clear() {
    index_.clear();
    items_.clear();
  }

  std::vector<Key> keys() const {
    return collect<Key>([](const Item& item) { return item.key(); });
  }
  std::vector<Value> values() const {
    return collect<Value>([](const Item& item) { return item.value(); });
  }
  std::vector<std::pair<Key, Value>> pairs() const {
    return collect<std::pair<Key, Value>>([](const Item& item) { return item.pair(); });
  }
  // The same items in the same order.
  friend bool operator==(const OrderedDict& a, const OrderedDict& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!(a.items_[i].key() == b.items_[i].key() && a.items_[i].value() == b.items_[i].value())) return false;
    }
    return true;
  }

 private:
  template <class T, class Part>
  std::vector<T> collect(const Part& part) const {
    std::vector<T> result;
    for (const Item& item : items_) result.push_back(part(item));
    return result;
  }
  void check_new(const Key& key) const {
    TAPER_CHECK(!contains(key), key_description_, " '", key, "' is already defined");
  }

  std::unordered_map<Key, size_t> index_;
  std::vector<Item> items_;
  std::string key_description_ = "Key";
};

}  // namespace taper

template <class Key, class Value>
struct std::tuple_size<taper::OrderedDictItem<Key, Value>> : std::integral_constant<size_t, 2> {};
template <size_t I, class Key, class Value>
struct std::tuple_element<I, taper::OrderedDictItem<Key, Value>> : std::tuple_element<I, std::pair<const Key, Value>> {
};
