#include "bridge.hpp"

// What the standard library does where it would throw. Its own function writes
// to stderr, for which the component would have to import WASI.
void std::__libcpp_verbose_abort(const char *, ...) noexcept { std::abort(); }

namespace bridge {

contract_string_t given(std::string_view text) {
  contract_string_t made;
  contract_string_dup_n(&made, text.data(), text.size());
  return made;
}

contract_list_string_t given(const contract::names &names) {
  auto list = room<contract_list_string_t>(names.size());
  for (std::size_t i = 0; i < names.size(); i++) {
    list.ptr[i] = given(names[i]);
  }
  return list;
}

contract_list_tuple2_string_string_t given(const contract::pairs &pairs) {
  auto list = room<contract_list_tuple2_string_string_t>(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); i++) {
    list.ptr[i] = {given(pairs[i].first), given(pairs[i].second)};
  }
  return list;
}

std::string copied(const contract_string_t &text) {
  return {reinterpret_cast<const char *>(text.ptr), text.len};
}

std::optional<std::string> copied(const contract_option_string_t &text) {
  return text.is_some ? std::optional(copied(text.val)) : std::nullopt;
}

contract::names copied(const contract_list_string_t &names) {
  contract::names list;
  for (std::size_t i = 0; i < names.len; i++) {
    list.push_back(copied(names.ptr[i]));
  }
  return list;
}

contract::pairs copied(const contract_list_tuple2_string_string_t &pairs) {
  contract::pairs list;
  for (std::size_t i = 0; i < pairs.len; i++) {
    list.emplace_back(copied(pairs.ptr[i].f0), copied(pairs.ptr[i].f1));
  }
  return list;
}

contract::request copied(const orchestration_auth_types_request_t &request) {
  const auto &profile = request.profile;
  return {{copied(profile.name), copied(profile.issuer),
           copied(profile.api_key_env), copied(profile.api_key_file),
           copied(profile.options)},
          request.explicit_key,
          request.now};
}

bool failed(const contract::error &error,
            orchestration_auth_types_auth_error_t *ret) {
  *ret = {static_cast<std::uint8_t>(error.kind),
          given(error.message),
          {!error.hint.empty(), given(error.hint)}};
  return false;
}

} // namespace bridge

// The exports of every strategy.

using bridge::copied, bridge::given;
using request_t = orchestration_auth_types_request_t;
using owned_request = bridge::owned<request_t>;

void exports_orchestration_auth_strategy_describe(
    orchestration_auth_types_description_t *ret) {
  auto described = strategy::describe();
  *ret = {given(described.auth_type), given(described.version),
          given(described.summary), given(described.environment)};
}

bool exports_orchestration_auth_strategy_get_credentials(
    request_t *request, orchestration_auth_types_credentials_t *ret,
    orchestration_auth_types_auth_error_t *err) {
  owned_request owner(request, orchestration_auth_types_request_free);
  auto found = strategy::get_credentials(copied(*request));
  if (!found) {
    return bridge::failed(found.error(), err);
  }
  const auto &[origin, name] = found->source;
  *ret = {given(contract::pairs{{"api_key", found->secret}}),
          {static_cast<std::uint8_t>(origin), {given(name)}},
          {found->expires_at.has_value(), found->expires_at.value_or(0)}};
  return true;
}

bool exports_orchestration_auth_strategy_refresh_if_needed(
    request_t *request, orchestration_auth_types_auth_error_t *err) {
  owned_request owner(request, orchestration_auth_types_request_free);
  auto refreshed = strategy::refresh_if_needed(copied(*request));
  return refreshed || bridge::failed(refreshed.error(), err);
}

bool exports_orchestration_auth_strategy_is_valid(request_t *request) {
  owned_request owner(request, orchestration_auth_types_request_free);
  return strategy::get_credentials(copied(*request)).has_value();
}
