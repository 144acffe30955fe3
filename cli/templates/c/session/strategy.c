// The strategy `{{name}}`:
// the user signs in with a code on any device (RFC 8628), and stays signed in.
//
// It never sees a token. The host keeps the secrets of a call and of the
// session; the strategy says which one goes into which request, and which part
// of an answer becomes which secret.

#include "server.h"

// Change these: where your server answers, below the `issuer` of the profile,
// and what the token is for.
#define DEVICE "/device/code"
#define TOKEN "/token"
#define REVOKE "/revoke"
#define SCOPE "llm"

// The names of the secrets. A session with one named `refresh` is shown as one
// that renews itself.
#define ACCESS "access"
#define REFRESH "refresh"
#define DEVICE_CODE "device_code"

typedef orchestration_auth_store_session_t session;
typedef exports_orchestration_auth_sign_in_step_t step;
typedef exports_orchestration_auth_sign_in_next_t next;

#define STEP(name) EXPORTS_ORCHESTRATION_AUTH_SIGN_IN_STEP_##name

// Loads the session. `ret->is_some` says whether there is one.
static bool load(orchestration_auth_store_option_session_t *ret,
                 auth_error *error) {
  orchestration_auth_store_store_error_t fault;
  return orchestration_auth_store_load(ret, &fault) ||
         fail(error, KIND(INTERNAL), text("the session cannot be loaded"),
              text(""));
}

// Asks for tokens, and takes them.
static bool ask_for_tokens(request *asked, const field fields[2],
                           response *answer, auth_error *error) {
  pair tokens[] = {{text("/access_token"), text(ACCESS)},
                   {text("/refresh_token"), text(REFRESH)}};
  return post(asked, TOKEN, fields, 2, (pairs){tokens, 2}, answer, error);
}

// Saves the session with the tokens of an answer. It keeps its refresh token
// unless there is a new one.
static bool save(request *asked, const response *answer, bool renews,
                 auth_error *error) {
  if (!listed(answer->taken, ACCESS)) {
    return refused(answer, error);
  }
  renews = renews || listed(answer->taken, REFRESH);
  string names[] = {text(ACCESS), text(REFRESH)};
  session saved = {.secrets = {names, renews ? 2 : 1}};
  uint64_t lasts;
  if (read_number(answer, "/expires_in", &lasts)) {
    saved.expires_at = (maybe_time){true, asked->now + lasts};
  }
  orchestration_auth_store_store_error_t fault;
  return orchestration_auth_store_save(&saved, &fault) ||
         fail(error, KIND(INTERNAL), text("the session cannot be saved"),
              text(""));
}

void exports_orchestration_auth_strategy_describe(
    exports_orchestration_auth_strategy_description_t *ret) {
  ret->auth_type = text("{{name}}");
  ret->version = text("0.1.0");
  ret->summary = text("signs in with a code, and renews the session");
  // Variables that it uses.
  ret->environment = (strings){NULL, 0};
}

bool exports_orchestration_auth_strategy_get_credentials(request *asked,
                                                         credentials *ret,
                                                         auth_error *error) {
  if (asked->explicit_key) {
    return found(text("explicit"), (source){.tag = SOURCE(EXPLICIT)}, ret);
  }
  orchestration_auth_store_option_session_t loaded;
  if (!load(&loaded, error)) {
    return false;
  }
  if (!loaded.is_some) {
    return fail(error, KIND(MISSING), text("not signed in"), text(""));
  }
  maybe_time end = loaded.val.expires_at;
  if (end.is_some && end.val <= asked->now &&
      listed(loaded.val.secrets, REFRESH)) {
    return fail(error, KIND(RENEWABLE), text("the access token has expired"),
                text(""));
  }
  found(text(ACCESS), (source){.tag = SOURCE(SESSION)}, ret);
  ret->expires_at = end;
  return true;
}

bool exports_orchestration_auth_strategy_refresh_if_needed(request *asked,
                                                           auth_error *error) {
  orchestration_auth_store_option_session_t loaded;
  if (!load(&loaded, error)) {
    return false;
  }
  if (!loaded.is_some || !listed(loaded.val.secrets, REFRESH)) {
    return true;
  }
  field fields[] = {text_field("grant_type", text("refresh_token")),
                    secret_field("refresh_token", REFRESH)};
  response answer;
  if (!ask_for_tokens(asked, fields, &answer, error)) {
    return false;
  }
  if (answer.status == 200) {
    return save(asked, &answer, true, error);
  }
  if (!refused_with(&answer, "invalid_grant")) {
    return refused(&answer, error);
  }
  orchestration_auth_store_store_error_t fault;
  orchestration_auth_store_forget(&fault);
  return fail(error, KIND(EXPIRED), text("the session has ended"), text(""));
}

bool exports_orchestration_auth_strategy_is_valid(request *asked) {
  credentials unused;
  auth_error error;
  return exports_orchestration_auth_strategy_get_credentials(asked, &unused,
                                                             &error);
}

// Returns true, with what happens next. The device code is there again then.
static bool go_on(step happens, next *ret) {
  string *names = malloc(sizeof *names);
  *names = text(DEVICE_CODE);
  *ret = (next){.step = happens,
                .secrets = {names, happens.tag == STEP(DONE) ? 0 : 1}};
  return true;
}

bool exports_orchestration_auth_sign_in_begin(request *asked, bool browser,
                                              next *ret, auth_error *error) {
  field fields[] = {text_field("scope", text(SCOPE))};
  pair take[] = {{text("/device_code"), text(DEVICE_CODE)}};
  response answer;
  if (!post(asked, DEVICE, fields, 1, (pairs){take, 1}, &answer, error)) {
    return false;
  }
  exports_orchestration_auth_sign_in_code_t code = {0};
  if (!listed(answer.taken, DEVICE_CODE) ||
      !read_text(&answer, "/verification_uri", &code.address) ||
      !read_text(&answer, "/user_code", &code.code)) {
    return refused(&answer, error);
  }
  code.complete.is_some =
      read_text(&answer, "/verification_uri_complete", &code.complete.val);
  uint64_t seconds;
  code.interval = read_number(&answer, "/interval", &seconds) ? seconds : 5;
  code.lasts = read_number(&answer, "/expires_in", &seconds) ? seconds : 600;
  return go_on((step){STEP(SHOW), {.show = code}}, ret);
}

// Asks the server whether the user has approved.
static bool poll(request *asked, step *ret, auth_error *error) {
  const char *grant = "urn:ietf:params:oauth:grant-type:device_code";
  field fields[] = {text_field("grant_type", text(grant)),
                    secret_field("device_code", DEVICE_CODE)};
  response answer;
  if (!ask_for_tokens(asked, fields, &answer, error)) {
    return false;
  }
  if (answer.status == 200) {
    *ret = (step){.tag = STEP(DONE)};
    return save(asked, &answer, false, error);
  }
  bool slower = refused_with(&answer, "slow_down");
  if (!slower && !refused_with(&answer, "authorization_pending")) {
    return refused(&answer, error);
  }
  *ret = (step){STEP(WAIT), {.wait = slower ? 5 : 0}};
  return true;
}

bool exports_orchestration_auth_sign_in_resume(request *asked, pairs *notes,
                                               next *ret, auth_error *error) {
  step happens;
  if (poll(asked, &happens, error)) {
    return go_on(happens, ret);
  }
  // A server that is away for a moment does not end the sign-in.
  return error->kind == KIND(UNAVAILABLE) &&
         go_on((step){STEP(WAIT), {.wait = 5}}, ret);
}

// Tells the server that the tokens are not used any more (RFC 7009).
bool exports_orchestration_auth_sign_in_end(request *asked, auth_error *error) {
  orchestration_auth_store_option_session_t loaded;
  if (!load(&loaded, error)) {
    return false;
  }
  if (!loaded.is_some) {
    return true;
  }
  bool renews = listed(loaded.val.secrets, REFRESH);
  field fields[] = {secret_field("token", renews ? REFRESH : ACCESS)};
  response answer;
  if (!post(asked, REVOKE, fields, 1, (pairs){NULL, 0}, &answer, error)) {
    return false;
  }
  return answer.status == 200 || refused(&answer, error);
}
