// Copies between the contract in C++ and the bindings. What the host gives is
// owned and freed at the end of its scope; what the host gets is from malloc,
// because the bindings free it.

#pragma once

#include <cstdlib>
#include <string_view>

#include "contract.hpp"

namespace bridge {

// Frees what a value of the bindings points to, at the end of the scope.
template <typename T> class owned {
public:
  owned(T *value, void (*free)(T *)) : value(value), free(free) {}
  owned(const owned &) = delete;
  owned &operator=(const owned &) = delete;
  ~owned() { free(value); }

private:
  T *value;
  void (*free)(T *);
};

// Returns a view of the text, for a function that only reads it.
inline contract_string_t lent(std::string_view text) {
  auto bytes = reinterpret_cast<const std::uint8_t *>(text.data());
  return {const_cast<std::uint8_t *>(bytes), text.size()};
}

// Returns a copy of the text, which the bindings will free.
contract_string_t given(std::string_view text);

// Returns a list with room for this many, which the bindings will free.
template <typename List> List room(std::size_t count) {
  using item = std::remove_pointer_t<decltype(List::ptr)>;
  return {static_cast<item *>(std::malloc(count * sizeof(item))), count};
}

contract_list_string_t given(const contract::names &names);
contract_list_tuple2_string_string_t given(const contract::pairs &pairs);

std::string copied(const contract_string_t &text);
std::optional<std::string> copied(const contract_option_string_t &text);
contract::names copied(const contract_list_string_t &names);
contract::pairs copied(const contract_list_tuple2_string_string_t &pairs);
contract::request copied(const orchestration_auth_types_request_t &request);

// Returns false, for a function of the contract that fails with this error.
bool failed(const contract::error &error,
            orchestration_auth_types_auth_error_t *ret);

} // namespace bridge
