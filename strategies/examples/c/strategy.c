// The strategy `json-key`: the member "api_key" of a JSON object that the
// profile's variable holds, as secret managers hand it out. A key that the caller
// gives is taken as it is.
//
// Nothing is freed here: the host makes a new instance for every call, and the
// memory goes with it. What is returned is freed by the bindings, so it has to
// come from malloc.

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

// The three texts, one after the other.
static string joined(const char *before, string middle, const char *after) {
  size_t first = strlen(before), last = strlen(after);
  string made = { .len = first + middle.len + last };
  made.ptr = malloc(made.len + 1);
  memcpy(made.ptr, before, first);
  memcpy(made.ptr + first, middle.ptr, middle.len);
  memcpy(made.ptr + first + middle.len, after, last);
  return made;
}

// Fails. A message never repeats a value: it may be a secret.
static bool fail(auth_error *error, uint8_t kind, string message, string hint) {
  *error = (auth_error){ kind, message, { hint.len > 0, hint } };
  return false;
}

static const uint8_t *blanks(const uint8_t *at, const uint8_t *end) {
  while (at < end && strchr(" \t\r\n", *at)) at++;
  return at;
}

// The end of the string that begins at the quote; NULL where it has none.
// An escaped quote does not end it.
static const uint8_t *string_end(const uint8_t *at, const uint8_t *end) {
  for (at++; at < end; at++) {
    if (*at == '\\') at++;
    else if (*at == '"') return at;
  }
  return NULL;
}

// The member `api_key` of the outermost object. No key has an escape in it, so
// one that has is no key; members that are not strings are passed over.
static bool member(string json, string *key) {
  const uint8_t *at = json.ptr, *end = at + json.len;
  int depth = 0;
  for (at = blanks(at, end); at < end; at++) {
    if (*at == '{' || *at == '[') depth++;
    if (*at == '}' || *at == ']') depth--;
    if (*at != '"') continue;
    const uint8_t *name = at + 1, *close = string_end(at, end);
    if (!close) return false;
    at = close;
    const uint8_t *colon = blanks(close + 1, end);
    if (depth != 1 || colon >= end || *colon != ':') continue;
    const uint8_t *value = blanks(colon + 1, end);
    at = colon;
    if (close - name != 7 || memcmp(name, "api_key", 7) || value >= end || *value != '"') continue;
    const uint8_t *last = string_end(value, end);
    if (!last || memchr(value, '\\', last - value)) return false;
    *key = (string){ (uint8_t *)value + 1, last - value - 1 };
    return key->len > 0;
  }
  return false;
}

static bool found(string key, source from, credentials *ret) {
  // What is returned is freed by itself, so it can't be a part of something.
  auth_strategy_string_dup_n(&key, (const char *)key.ptr, key.len);
  auth_strategy_tuple2_string_string_t *values = malloc(sizeof *values);
  *values = (auth_strategy_tuple2_string_string_t){ text("api_key"), key };
  *ret = (credentials){ .values = { values, 1 }, .source = from };
  return true;
}

// Reads a variable; an empty value where it is unset.
static bool read_variable(string *name, string *value, auth_error *error) {
  auth_strategy_option_string_t read;
  orchestration_auth_environment_environment_error_t failed;
  if (!orchestration_auth_environment_get(name, &read, &failed)) {
    if (failed == ORCHESTRATION_AUTH_ENVIRONMENT_ENVIRONMENT_ERROR_DENIED) {
      return fail(error, DENIED, joined("", *name, " is not granted"), text(""));
    }
    return fail(error, INVALID, joined("", *name, " is not Unicode"), text(""));
  }
  *value = read.is_some ? read.val : text("");
  return true;
}

static bool resolve(request *asked, credentials *ret, auth_error *error) {
  if (asked->explicit_key.is_some && asked->explicit_key.val.len > 0) {
    source by_hand = { .tag = ORCHESTRATION_AUTH_TYPES_SOURCE_EXPLICIT };
    return found(asked->explicit_key.val, by_hand, ret);
  }
  if (!asked->profile.api_key_env.is_some) {
    return fail(error, MISSING, text("the profile names no variable"),
                joined("add api_key_env to [profiles.", asked->profile.name, "]"));
  }
  string name = asked->profile.api_key_env.val, json, key;
  if (!read_variable(&name, &json, error)) {
    return false;
  }
  if (json.len == 0) {
    return fail(error, MISSING, joined("", name, " is not set"),
                joined("set it with: export ", name, "='{\"api_key\": ...}'"));
  }
  if (!member(json, &key)) {
    return fail(error, INVALID, joined("", name, " holds no JSON object with a text api_key"),
                text(""));
  }
  source variable = { ORCHESTRATION_AUTH_TYPES_SOURCE_ENVIRONMENT, { .environment = name } };
  return found(key, variable, ret);
}

void exports_orchestration_auth_strategy_describe(
    exports_orchestration_auth_strategy_description_t *ret) {
  ret->auth_type = text("json-key");
  ret->version = text("0.1.0");
  ret->summary = text("the api_key of a JSON object in a variable");
  // The variables that it reads besides that one.
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
