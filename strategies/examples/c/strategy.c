// The strategy `json-file`: a key inside a JSON file, as secret managers mount
// it. The profile's `api_key_file` names the file, and its option `pointer` the
// place in it, which is `/api_key` by default.
//
// It never sees the file or the key: the host reads one, and picks the other
// out of it.

#include "answers.h"

// Makes the text of a file the secret `name`.
static bool take(string path, string name, auth_error *error) {
  orchestration_auth_files_presence_t presence;
  orchestration_auth_files_file_error_t failed;
  if (!orchestration_auth_files_take(&path, &name, &presence, &failed)) {
    if (failed == ORCHESTRATION_AUTH_FILES_FILE_ERROR_DENIED) {
      return fail(error, KIND(DENIED), joined("", path, " is not granted"),
                  text(""));
    }
    return fail(error, KIND(INVALID), joined("", path, " cannot be read"),
                joined("look at it with: ls -lL ", path, ""));
  }
  if (presence != ORCHESTRATION_AUTH_FILES_PRESENCE_PRESENT) {
    return fail(error, KIND(MISSING), joined("", path, " has no text"),
                joined("write {\"api_key\": ...} to ", path, ""));
  }
  return true;
}

// Makes what is at this place of a JSON document the secret `name`.
static bool pick(string path, string document, string pointer, string name,
                 auth_error *error) {
  orchestration_auth_secrets_tool_error_t failed;
  if (orchestration_auth_secrets_pick(&document, &pointer, &name, &failed)) {
    return true;
  }
  if (failed == ORCHESTRATION_AUTH_SECRETS_TOOL_ERROR_MALFORMED) {
    return fail(error, KIND(INVALID), joined("", path, " is not JSON"),
                text(""));
  }
  return fail(error, KIND(INVALID),
              joined("", path, " has no text at the pointer"),
              text("check options.pointer of the profile"));
}

// Returns the option `pointer` of the profile, or its default.
static string pointer_of(const profile *of) {
  for (size_t i = 0; i < of->options.len; i++) {
    if (same(of->options.ptr[i].f0, "pointer")) {
      return of->options.ptr[i].f1;
    }
  }
  return text("/api_key");
}

static bool resolve(request *asked, credentials *ret, auth_error *error) {
  if (asked->explicit_key) {
    return found(text("explicit"), (source){.tag = SOURCE(EXPLICIT)}, ret);
  }
  if (!asked->profile.api_key_file.is_some) {
    return fail(
        error, KIND(MISSING), text("the profile names no file"),
        joined("add api_key_file to [profiles.", asked->profile.name, "]"));
  }
  string path = asked->profile.api_key_file.val;
  string document = text("document"), key = text("key");
  if (!take(path, document, error) ||
      !pick(path, document, pointer_of(&asked->profile), key, error)) {
    return false;
  }
  return found(key, (source){SOURCE(FILE), {.file = path}}, ret);
}

void exports_orchestration_auth_strategy_describe(
    exports_orchestration_auth_strategy_description_t *ret) {
  ret->auth_type = text("json-file");
  ret->version = text("0.1.0");
  ret->summary = text("a key inside a JSON file");
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
