// The strategy `{{name}}`:
// an explicit key, or the key in the variable that the profile names.
//
// It never sees a key. The host keeps the secrets of a call; the strategy gives
// them names, and returns the name of the one that is the credential.

#include "bridge.hpp"

using contract::fail, contract::kind, contract::origin, contract::result;

// Makes the value of a variable the secret `name`.
static result<void> take(const std::string &variable, std::string_view name) {
  auto variable_text = bridge::lent(variable), name_text = bridge::lent(name);
  orchestration_auth_environment_presence_t presence;
  orchestration_auth_environment_environment_error_t failed;
  if (!orchestration_auth_environment_take(&variable_text, &name_text,
                                           &presence, &failed)) {
    if (failed == ORCHESTRATION_AUTH_ENVIRONMENT_ENVIRONMENT_ERROR_DENIED) {
      return fail(kind::denied, variable + " is not granted");
    }
    return fail(kind::invalid, variable + " is not Unicode");
  }
  if (presence != ORCHESTRATION_AUTH_ENVIRONMENT_PRESENCE_SET) {
    return fail(kind::missing, variable + " is not set",
                "set it with: export " + variable + "=your-key-here");
  }
  return {};
}

contract::description strategy::describe() {
  return {
      .auth_type = "{{name}}",
      .version = "0.1.0",
      .summary = "a key from the variable that the profile names",
      .environment = {},
  };
}

result<contract::credential>
strategy::get_credentials(const contract::request &request) {
  if (request.explicit_key) {
    return contract::credential{"explicit", {origin::explicit_key, {}}, {}};
  }
  const auto &variable = request.profile.api_key_env;
  if (!variable) {
    return fail(kind::missing, "the profile names no variable",
                "add api_key_env to [profiles." + request.profile.name + "]");
  }
  // Change this: which secret becomes the credential. If the server expects a
  // prefix, for example, make a secret that has it with
  // `orchestration_auth_secrets_concat`, and return the name of that one.
  return take(*variable, "key").transform([&] {
    return contract::credential{"key", {origin::environment, *variable}, {}};
  });
}

result<void> strategy::refresh_if_needed(const contract::request &) {
  return {};
}
