// The contract in C++: values and results in place of pointers and flags.
// `bridge.cpp` copies between them and the bindings, and frees what is left.

#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contract.h"

namespace contract {

using names = std::vector<std::string>;
using pairs = std::vector<std::pair<std::string, std::string>>;
using seconds = std::uint64_t;

enum class kind : std::uint8_t {
  missing = ORCHESTRATION_AUTH_TYPES_ERROR_KIND_MISSING,
  expired = ORCHESTRATION_AUTH_TYPES_ERROR_KIND_EXPIRED,
  invalid = ORCHESTRATION_AUTH_TYPES_ERROR_KIND_INVALID,
  denied = ORCHESTRATION_AUTH_TYPES_ERROR_KIND_DENIED,
  unavailable = ORCHESTRATION_AUTH_TYPES_ERROR_KIND_UNAVAILABLE,
  unsupported = ORCHESTRATION_AUTH_TYPES_ERROR_KIND_UNSUPPORTED,
  internal = ORCHESTRATION_AUTH_TYPES_ERROR_KIND_INTERNAL,
  renewable = ORCHESTRATION_AUTH_TYPES_ERROR_KIND_RENEWABLE,
};

// Why there is no credential, and what to do about it.
struct error {
  contract::kind kind;
  std::string message;
  std::string hint;
};

template <typename T> using result = std::expected<T, error>;

// Returns the error, for any result.
inline std::unexpected<error> fail(kind kind, std::string message,
                                   std::string hint = {}) {
  return std::unexpected(error{kind, std::move(message), std::move(hint)});
}

struct profile {
  std::string name;
  std::optional<std::string> issuer;
  std::optional<std::string> api_key_env;
  std::optional<std::string> api_key_file;
  pairs options;
};

struct request {
  contract::profile profile;
  bool explicit_key;
  seconds now;
};

enum class origin : std::uint8_t {
  explicit_key = ORCHESTRATION_AUTH_TYPES_SOURCE_EXPLICIT,
  environment = ORCHESTRATION_AUTH_TYPES_SOURCE_ENVIRONMENT,
  file = ORCHESTRATION_AUTH_TYPES_SOURCE_FILE,
  session = ORCHESTRATION_AUTH_TYPES_SOURCE_SESSION,
};

// Where a credential comes from. A variable or a file has a name.
struct source {
  contract::origin origin;
  std::string name;
};

// The credential `api_key`, by the name of the secret that is its text.
struct credential {
  std::string secret;
  contract::source source;
  std::optional<seconds> expires_at;
};

struct description {
  std::string auth_type;
  std::string version;
  std::string summary;
  // Variables that it uses, besides the one that the profile names.
  names environment;
};

} // namespace contract

// What `strategy.cpp` defines, and `bridge.cpp` exports.
namespace strategy {

contract::description describe();
contract::result<contract::credential>
get_credentials(const contract::request &request);
contract::result<void> refresh_if_needed(const contract::request &request);

} // namespace strategy
