// The strategy `{{name}}`:
// an explicit key, or the key in the variable that the profile names.
//
// It never sees a key. The host keeps the secrets of a call; the strategy gives
// them names, and returns the name of the one that is the credential.

#include "answers.h"

// Makes the value of a variable the secret `name`.
static bool take(string variable, string name, auth_error *error) {
  orchestration_auth_environment_presence_t presence;
  orchestration_auth_environment_environment_error_t failed;
  if (!orchestration_auth_environment_take(&variable, &name, &presence,
                                           &failed)) {
    if (failed == ORCHESTRATION_AUTH_ENVIRONMENT_ENVIRONMENT_ERROR_DENIED) {
      return fail(error, KIND(DENIED), joined("", variable, " is not granted"),
                  text(""));
    }
    return fail(error, KIND(INVALID), joined("", variable, " is not Unicode"),
                text(""));
  }
  if (presence != ORCHESTRATION_AUTH_ENVIRONMENT_PRESENCE_SET) {
    return fail(error, KIND(MISSING), joined("", variable, " is not set"),
                joined("set it with: export ", variable, "=your-key-here"));
  }
  return true;
}

static bool resolve(request *asked, credentials *ret, auth_error *error) {
  if (asked->explicit_key) {
    return found(text("explicit"), (source){.tag = SOURCE(EXPLICIT)}, ret);
  }
  if (!asked->profile.api_key_env.is_some) {
    return fail(
        error, KIND(MISSING), text("the profile names no variable"),
        joined("add api_key_env to [profiles.", asked->profile.name, "]"));
  }
  string variable = asked->profile.api_key_env.val, key = text("key");
  if (!take(variable, key, error)) {
    return false;
  }
  // Change this: which secret becomes the credential. If the server expects a
  // prefix, for example, make a secret that has it, and return that one:
  //
  //   part parts[] = {
  //     {ORCHESTRATION_AUTH_TYPES_PART_TEXT, {.text = text("corp-")}},
  //     {ORCHESTRATION_AUTH_TYPES_PART_SECRET, {.secret = key}},
  //   };
  //   orchestration_auth_secrets_list_part_t list = {parts, 2};
  //   orchestration_auth_secrets_tool_error_t failed;
  //   key = text("prefixed");
  //   if (!orchestration_auth_secrets_concat(&list, &key, &failed)) {
  //     return fail(error, KIND(INVALID), text("the key cannot be joined"),
  //                 text(""));
  //   }
  source from = {SOURCE(ENVIRONMENT), {.environment = variable}};
  return found(key, from, ret);
}

void exports_orchestration_auth_strategy_describe(
    exports_orchestration_auth_strategy_description_t *ret) {
  ret->auth_type = text("{{name}}");
  ret->version = text("0.1.0");
  ret->summary = text("a key from the variable that the profile names");
  // Other variables that it uses.
  ret->environment = (strings){NULL, 0};
}

bool exports_orchestration_auth_strategy_get_credentials(request *asked,
                                                         credentials *ret,
                                                         auth_error *error) {
  return resolve(asked, ret, error);
}

bool exports_orchestration_auth_strategy_refresh_if_needed(request *asked,
                                                           auth_error *error) {
  return true;
}

bool exports_orchestration_auth_strategy_is_valid(request *asked) {
  credentials unused;
  auth_error error;
  return resolve(asked, &unused, &error);
}
