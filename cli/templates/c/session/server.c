#include "server.h"

#define HTTP_ERROR(name) ORCHESTRATION_AUTH_HTTP_HTTP_ERROR_##name

// What is read from every answer. Each of these is public by its RFC.
static const char *const READ[] = {
    "/error",
    "/error_description",
    "/expires_in",
    "/interval",
    "/user_code",
    "/verification_uri",
    "/verification_uri_complete",
};
#define READ_COUNT (sizeof READ / sizeof *READ)

field text_field(const char *name, string value) {
  return (field){text(name),
                 {ORCHESTRATION_AUTH_TYPES_PART_TEXT, {.text = value}}};
}

field secret_field(const char *name, const char *secret) {
  return (field){
      text(name),
      {ORCHESTRATION_AUTH_TYPES_PART_SECRET, {.secret = text(secret)}}};
}

static bool no_answer(orchestration_auth_http_http_error_t fault,
                      auth_error *error) {
  switch (fault) {
  case HTTP_ERROR(DENIED):
    return fail(error, KIND(DENIED), text("the server is not granted"),
                text(""));
  case HTTP_ERROR(NO_SECRET):
  case HTTP_ERROR(MALFORMED):
  case HTTP_ERROR(OFFLINE):
    return fail(error, KIND(INTERNAL), text("the request cannot be sent"),
                text(""));
  default:
    return fail(error, KIND(UNAVAILABLE), text("the server did not answer"),
                text(""));
  }
}

// Finds the option `client_id` of the profile.
static bool client_of(const profile *of, string *ret) {
  for (size_t i = 0; i < of->options.len; i++) {
    if (same(of->options.ptr[i].f0, "client_id")) {
      *ret = of->options.ptr[i].f1;
      return true;
    }
  }
  return false;
}

bool post(request *asked, const char *path, const field *fields, size_t count,
          pairs take, response *ret, auth_error *error) {
  string client;
  if (!asked->profile.issuer.is_some || !client_of(&asked->profile, &client)) {
    return fail(error, KIND(UNSUPPORTED),
                text("the profile needs `issuer` and `options.client_id`"),
                text(""));
  }
  string issuer = asked->profile.issuer.val;
  while (issuer.len > 0 && issuer.ptr[issuer.len - 1] == '/') {
    issuer.len--;
  }
  field *all = malloc((count + 1) * sizeof *all);
  memcpy(all, fields, count * sizeof *all);
  all[count] = text_field("client_id", client);
  string *read = malloc(READ_COUNT * sizeof *read);
  for (size_t i = 0; i < READ_COUNT; i++) {
    read[i] = text(READ[i]);
  }
  orchestration_auth_http_request_t sent = {
      .method = text("POST"),
      .url = joined("", issuer, path),
      .encoding = ORCHESTRATION_AUTH_HTTP_ENCODING_FORM,
      .fields = {all, count + 1},
      .read = {read, READ_COUNT},
      .take = take,
  };
  orchestration_auth_http_http_error_t fault;
  return orchestration_auth_http_send(&sent, ret, &fault) ||
         no_answer(fault, error);
}

bool read_text(const response *answer, const char *pointer, string *ret) {
  for (size_t i = 0; i < answer->read.len; i++) {
    if (same(answer->read.ptr[i].f0, pointer)) {
      *ret = answer->read.ptr[i].f1;
      return true;
    }
  }
  return false;
}

bool read_number(const response *answer, const char *pointer, uint64_t *ret) {
  string digits;
  if (!read_text(answer, pointer, &digits) || digits.len > 15) {
    return false;
  }
  *ret = 0;
  for (size_t i = 0; i < digits.len; i++) {
    if (digits.ptr[i] < '0' || digits.ptr[i] > '9') {
      return false;
    }
    *ret = *ret * 10 + (digits.ptr[i] - '0');
  }
  return true;
}

bool refused_with(const response *answer, const char *reason) {
  string read;
  return read_text(answer, "/error", &read) && same(read, reason);
}

bool listed(strings list, const char *name) {
  for (size_t i = 0; i < list.len; i++) {
    if (same(list.ptr[i], name)) {
      return true;
    }
  }
  return false;
}

bool refused(const response *answer, auth_error *error) {
  string said;
  bool overloaded =
      answer->status == 408 || answer->status == 429 || answer->status >= 500;
  if (overloaded || !read_text(answer, "/error", &said)) {
    char words[] = "the server answered with status 000";
    char *digit = words + sizeof words - 2;
    for (uint16_t rest = answer->status; rest > 0; rest /= 10) {
      *digit-- += rest % 10;
    }
    return fail(error, KIND(UNAVAILABLE), text(words), text(""));
  }
  read_text(answer, "/error_description", &said);
  return fail(error, KIND(INVALID), joined("the server refuses: ", said, ""),
              text(""));
}
