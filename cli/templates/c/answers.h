// Short names for the types of the contract, and what answers are made of.
//
// Nothing is freed: every call runs in a new instance, whose memory is
// discarded with it. The bindings free what is returned, so that memory has to
// come from malloc.

#ifndef ANSWERS_H
#define ANSWERS_H

#include <stdlib.h>
#include <string.h>

#include "contract.h"

typedef contract_string_t string;
typedef contract_list_string_t strings;
typedef contract_tuple2_string_string_t pair;
typedef contract_list_tuple2_string_string_t pairs;
typedef contract_option_u64_t maybe_time;
typedef orchestration_auth_types_part_t part;
typedef orchestration_auth_types_profile_t profile;
typedef orchestration_auth_types_request_t request;
typedef orchestration_auth_types_credentials_t credentials;
typedef orchestration_auth_types_source_t source;
typedef orchestration_auth_types_auth_error_t auth_error;

#define KIND(name) ORCHESTRATION_AUTH_TYPES_ERROR_KIND_##name
#define SOURCE(name) ORCHESTRATION_AUTH_TYPES_SOURCE_##name

static inline string text(const char *words) {
  string made;
  contract_string_dup(&made, words);
  return made;
}

static inline bool same(string text, const char *words) {
  return text.len == strlen(words) && memcmp(text.ptr, words, text.len) == 0;
}

// Concatenates the three texts.
static inline string joined(const char *before, string middle,
                            const char *after) {
  size_t first = strlen(before), last = strlen(after);
  string made = {.len = first + middle.len + last};
  made.ptr = malloc(made.len + 1);
  memcpy(made.ptr, before, first);
  memcpy(made.ptr + first, middle.ptr, middle.len);
  memcpy(made.ptr + first + middle.len, after, last);
  return made;
}

// Returns false, with an error. The hint may be empty.
static inline bool fail(auth_error *error, uint8_t kind, string message,
                        string hint) {
  *error = (auth_error){kind, message, {hint.len > 0, hint}};
  return false;
}

// Returns true, with the credential `api_key`, whose text is this secret.
static inline bool found(string secret, source from, credentials *ret) {
  pair *values = malloc(sizeof *values);
  *values = (pair){text("api_key"), secret};
  *ret = (credentials){.values = {values, 1}, .source = from};
  return true;
}

#endif
