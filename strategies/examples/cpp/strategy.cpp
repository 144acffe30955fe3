// The strategy `basic`: an id and a secret from two variables, as one
// credential for HTTP's Basic scheme. The id is in `BASIC_ID`, the secret in
// the variable that the profile names.
//
// The id is no secret, so its text is read. The secret is taken, joined and
// encoded without the strategy ever seeing it.

#include "bridge.hpp"

using contract::fail, contract::kind, contract::origin, contract::result;

// The variable of the id.
static const std::string ID = "BASIC_ID";

static std::unexpected<contract::error> unset(const std::string &variable) {
  return fail(kind::missing, variable + " is not set",
              "set it with: export " + variable + "=...");
}

static std::unexpected<contract::error>
unusable(const std::string &variable,
         orchestration_auth_environment_environment_error_t failed) {
  if (failed == ORCHESTRATION_AUTH_ENVIRONMENT_ENVIRONMENT_ERROR_DENIED) {
    return fail(kind::denied, variable + " is not granted");
  }
  return fail(kind::invalid, variable + " is not Unicode");
}

// Returns the text of a variable.
static result<std::string> read(const std::string &variable) {
  auto variable_text = bridge::lent(variable);
  contract_option_string_t found{};
  orchestration_auth_environment_environment_error_t failed;
  if (!orchestration_auth_environment_get(&variable_text, &found, &failed)) {
    return unusable(variable, failed);
  }
  bridge::owned owner(&found, contract_option_string_free);
  auto text = bridge::copied(found).value_or("");
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return unset(variable);
  }
  return text;
}

// Makes the value of a variable the secret `name`.
static result<void> take(const std::string &variable, std::string_view name) {
  auto variable_text = bridge::lent(variable), name_text = bridge::lent(name);
  orchestration_auth_environment_presence_t presence;
  orchestration_auth_environment_environment_error_t failed;
  if (!orchestration_auth_environment_take(&variable_text, &name_text,
                                           &presence, &failed)) {
    return unusable(variable, failed);
  }
  if (presence != ORCHESTRATION_AUTH_ENVIRONMENT_PRESENCE_SET) {
    return unset(variable);
  }
  return {};
}

// Makes `id:secret`, in Base64, the secret `name`.
static result<void> join(const std::string &id, std::string_view secret,
                         std::string_view name) {
  auto prefix = id + ":";
  orchestration_auth_types_part_t parts[] = {
      {ORCHESTRATION_AUTH_TYPES_PART_TEXT, {.text = bridge::lent(prefix)}},
      {ORCHESTRATION_AUTH_TYPES_PART_SECRET, {.secret = bridge::lent(secret)}},
  };
  orchestration_auth_secrets_list_part_t list{parts, std::size(parts)};
  auto pair = bridge::lent("pair"), name_text = bridge::lent(name);
  orchestration_auth_secrets_tool_error_t failed;
  if (!orchestration_auth_secrets_concat(&list, &pair, &failed) ||
      !orchestration_auth_secrets_base64(
          &pair, ORCHESTRATION_AUTH_SECRETS_ALPHABET_STANDARD, &name_text,
          &failed)) {
    return fail(kind::internal, "id and secret cannot be joined");
  }
  return {};
}

contract::description strategy::describe() {
  return {
      .auth_type = "basic",
      .version = "0.1.0",
      .summary = "id and secret from two variables, for HTTP Basic",
      .environment = {ID},
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
  auto id = read(ID);
  if (!id) {
    return std::unexpected(id.error());
  }
  if (id->contains(':')) {
    return fail(kind::invalid, ID + " has a colon in it",
                "RFC 7617 allows none");
  }
  return take(*variable, "secret")
      .and_then([&] { return join(*id, "secret", "basic"); })
      .transform([&] {
        return contract::credential{
            "basic", {origin::environment, *variable}, {}};
      });
}

result<void> strategy::refresh_if_needed(const contract::request &) {
  return {};
}
