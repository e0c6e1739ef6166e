#include "catch.h"

#include <taper/core/ordered_dict.h>

#include <memory>

using namespace taper;

TEST_CASE("an OrderedDict keeps the order of insertion through erasures") {
  OrderedDict<std::string, int> dict("Number");
  for (const char* key : {"c", "a", "b", "d"}) dict.insert(key, key[0]);
  dict.erase("a");
  CHECK(dict.keys() == std::vector<std::string>{"c", "b", "d"});
  CHECK(dict["d"] == 'd');
  CHECK(dict[1].key() == "b");
  CHECK(dict.front().value() == 'c');
  CHECK(dict.back().key() == "d");
  CHECK_FALSE(dict.contains("a"));
  dict.insert("a", 1);
  CHECK(dict.back().key() == "a");
  CHECK_THROWS_WITH(dict["e"], ContainsSubstring("Number 'e' is not defined"));
  CHECK_THROWS_WITH(dict.insert("a", 2), ContainsSubstring("Number 'a' is already defined"));
  CHECK_THROWS_AS(dict[4], IndexError);
  const OrderedDict<std::string, int> empty;
  CHECK_THROWS_AS(empty.front(), IndexError);
  CHECK_THROWS_AS(empty.back(), IndexError);
}

TEST_CASE("items of an OrderedDict bind to key and value") {
  OrderedDict<std::string, int> dict{{"a", 1}, {"b", 2}};
  for (auto& [key, value] : dict) value += static_cast<int>(key.size());
  std::string text;
  for (const auto& [key, value] : dict) text += key + std::to_string(value);
  for (auto [key, value] : dict) {
    static_assert(std::is_const_v<std::remove_reference_t<decltype(key)>>);
    value = 0;  // of a copy
  }
  CHECK(text == "a2b3");
  CHECK(dict.values() == std::vector<int>{2, 3});
}

TEST_CASE("values of an OrderedDict need not be copied in") {
  OrderedDict<std::string, std::unique_ptr<int>> dict;
  *dict.insert("one", std::make_unique<int>(1)) += 1;
  CHECK(**dict.find("one") == 2);
  OrderedDict<std::string, std::unique_ptr<int>> moved = std::move(dict);
  CHECK(moved.contains("one"));
}

TEST_CASE("update of an OrderedDict with a key it has changes nothing") {
  OrderedDict<std::string, int> dict{{"a", 1}};
  CHECK_THROWS_AS(dict.update({{"b", 2}, {"a", 3}}), Error);
  CHECK(dict.keys() == std::vector<std::string>{"a"});
  dict.update({{"b", 2}});
  CHECK(dict == OrderedDict<std::string, int>{{"a", 1}, {"b", 2}});
}

TEST_CASE("front and back of an empty OrderedDict are errors that say so") {
  OrderedDict<std::string, int> dict;
  CHECK_THROWS_WITH(dict.back(),
                    Catch::Matchers::ContainsSubstring("back()") && Catch::Matchers::ContainsSubstring("empty"));
  CHECK_THROWS_WITH(std::as_const(dict).front(), Catch::Matchers::ContainsSubstring("front()"));
  CHECK_THROWS_AS(dict.back(), IndexError);
  dict.insert("a", 1);
  dict.insert("b", 2);
  dict.back().value() = 3;
  CHECK((dict.front().key() == "a" && std::as_const(dict).back().value() == 3));
}
