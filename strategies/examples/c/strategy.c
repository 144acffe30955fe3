// The strategy `json-key`: the member "api_key" of a JSON object that the profile's
// variable holds, as secret managers hand it out. An explicit key is used as it is.
//
// It never sees the object or the key: the host picks one out of the other.
//
// Nothing is freed here: every call runs in a new instance, whose memory is
// discarded with it. The bindings free what is returned, so that memory has to come
// from malloc.

#include <stdlib.h>
#include <string.h>

#include "auth_strategy.h"

typedef auth_strategy_string_t string;
typedef orchestration_auth_types_request_t request;
typedef orchestration_auth_types_credentials_t credentials;
typedef orchestration_auth_types_source_t source;
typedef orchestration_auth_types_auth_error_t auth_error;

#define MISSING ORCHESTRATION_AUTH_TYPES_ERROR_KIND_MISSING
#define INVALID ORCHESTRATION_AUTH_TYPES_ERROR_KIND_INVALID
#define DENIED ORCHESTRATION_AUTH_TYPES_ERROR_KIND_DENIED

static string text(const char *words) {
  string made;
  auth_strategy_string_dup(&made, words);
  return made;
}

// Concatenates the three texts.
static string joined(const char *before, string middle, const char *after) {
  size_t first = strlen(before), last = strlen(after);
  string made = { .len = first + middle.len + last };
  made.ptr = malloc(made.len + 1);
  memcpy(made.ptr, before, first);
  memcpy(made.ptr + first, middle.ptr, middle.len);
  memcpy(made.ptr + first + middle.len, after, last);
  return made;
}

static bool fail(auth_error *error, uint8_t kind, string message, string hint) {
  *error = (auth_error){ kind, message, { hint.len > 0, hint } };
  return false;
}

// Returns the credential `api_key`, whose text is this secret.
static bool found(string secret, source from, credentials *ret) {
  auth_strategy_tuple2_string_string_t *values = malloc(sizeof *values);
  *values = (auth_strategy_tuple2_string_string_t){ text("api_key"), secret };
  *ret = (credentials){ .values = { values, 1 }, .source = from };
  return true;
}

// Makes the value of a variable the secret `name`.
static bool take(string variable, string name, auth_error *error) {
  orchestration_auth_environment_presence_t presence;
  orchestration_auth_environment_environment_error_t failed;
  if (!orchestration_auth_environment_take(&variable, &name, &presence, &failed)) {
    if (failed == ORCHESTRATION_AUTH_ENVIRONMENT_ENVIRONMENT_ERROR_DENIED) {
      return fail(error, DENIED, joined("", variable, " is not granted"), text(""));
    }
    return fail(error, INVALID, joined("", variable, " is not Unicode"), text(""));
  }
  if (presence != ORCHESTRATION_AUTH_ENVIRONMENT_PRESENCE_SET) {
    return fail(error, MISSING, joined("", variable, " is not set"),
                joined("set it with: export ", variable, "='{\"api_key\": ...}'"));
  }
  return true;
}

// Makes the member `api_key` of the secret `object` the secret `key`.
static bool pick(string variable, string object, string key, auth_error *error) {
  string pointer = text("/api_key");
  orchestration_auth_secrets_tool_error_t failed;
  if (orchestration_auth_secrets_pick(&object, &pointer, &key, &failed)) {
    return true;
  }
  if (failed == ORCHESTRATION_AUTH_SECRETS_TOOL_ERROR_MALFORMED) {
    return fail(error, INVALID, joined("", variable, " is not JSON"), text(""));
  }
  return fail(error, INVALID, joined("", variable, " has no text at /api_key"), text(""));
}

static bool resolve(request *asked, credentials *ret, auth_error *error) {
  if (asked->explicit_key) {
    source given = { .tag = ORCHESTRATION_AUTH_TYPES_SOURCE_EXPLICIT };
    return found(text("explicit"), given, ret);
  }
  if (!asked->profile.api_key_env.is_some) {
    return fail(error, MISSING, text("the profile names no variable"),
                joined("add api_key_env to [profiles.", asked->profile.name, "]"));
  }
  string variable = asked->profile.api_key_env.val, object = text("object"), key = text("key");
  if (!take(variable, object, error) || !pick(variable, object, key, error)) {
    return false;
  }
  source from = { ORCHESTRATION_AUTH_TYPES_SOURCE_ENVIRONMENT, { .environment = variable } };
  return found(key, from, ret);
}

void exports_orchestration_auth_strategy_describe(
    exports_orchestration_auth_strategy_description_t *ret) {
  ret->auth_type = text("json-key");
  ret->version = text("0.1.0");
  ret->summary = text("the api_key of a JSON object in a variable");
  // Other variables that it uses.
  ret->environment = (auth_strategy_list_string_t){ NULL, 0 };
}

bool exports_orchestration_auth_strategy_get_credentials(
    exports_orchestration_auth_strategy_request_t *asked,
    exports_orchestration_auth_strategy_credentials_t *ret,
    exports_orchestration_auth_strategy_auth_error_t *error) {
  return resolve(asked, ret, error);
}

bool exports_orchestration_auth_strategy_refresh_if_needed(
    exports_orchestration_auth_strategy_request_t *asked,
    exports_orchestration_auth_strategy_auth_error_t *error) {
  return true;
}

bool exports_orchestration_auth_strategy_is_valid(
    exports_orchestration_auth_strategy_request_t *asked) {
  credentials unused;
  auth_error error;
  return resolve(asked, &unused, &error);
}
