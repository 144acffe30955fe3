// The strategy `{{name}}`:
// the user signs in with a code on any device (RFC 8628), and stays signed in.
//
// It never sees a token. The host keeps the secrets of a call and of the
// session; the strategy says which one goes into which request, and which part
// of an answer becomes which secret.

#include "sign_in.hpp"

using contract::fail, contract::kind, contract::origin, contract::result;
using sign_in::next;

// Change these: where your server answers, below the `issuer` of the profile,
// and what the token is for.
static constexpr auto DEVICE = "/device/code";
static constexpr auto TOKEN = "/token";
static constexpr auto REVOKE = "/revoke";
static constexpr auto SCOPE = "llm";

// The names of the secrets. A session with one named `refresh` is shown as one
// that renews itself.
static constexpr auto ACCESS = "access";
static constexpr auto REFRESH = "refresh";
static constexpr auto DEVICE_CODE = "device_code";

static result<server::answer>
ask_for_tokens(const contract::request &request,
               std::vector<server::field> fields) {
  return server::post(request, TOKEN, std::move(fields),
                      {{"/access_token", ACCESS}, {"/refresh_token", REFRESH}});
}

// Saves the session with the tokens of an answer. It keeps its refresh token
// unless there is a new one.
static result<void> save(const contract::request &request,
                         const server::answer &answer, bool renews) {
  if (!answer.took(ACCESS)) {
    return answer.refused();
  }
  store::session session{{ACCESS}, {}};
  if (renews || answer.took(REFRESH)) {
    session.secrets.push_back(REFRESH);
  }
  if (auto lasts = answer.number("/expires_in")) {
    session.expires_at = request.now + *lasts;
  }
  return store::save(session);
}

contract::description strategy::describe() {
  return {
      .auth_type = "{{name}}",
      .version = "0.1.0",
      .summary = "signs in with a code, and renews the session",
      .environment = {},
  };
}

result<contract::credential>
strategy::get_credentials(const contract::request &request) {
  if (request.explicit_key) {
    return contract::credential{"explicit", {origin::explicit_key, {}}, {}};
  }
  auto loaded = store::load();
  if (!loaded) {
    return std::unexpected(loaded.error());
  }
  const auto &session = *loaded;
  if (!session) {
    return fail(kind::missing, "not signed in");
  }
  auto end = session->expires_at;
  if (end && *end <= request.now && session->has(REFRESH)) {
    return fail(kind::renewable, "the access token has expired");
  }
  return contract::credential{ACCESS, {origin::session, {}}, end};
}

result<void> strategy::refresh_if_needed(const contract::request &request) {
  auto loaded = store::load();
  if (!loaded) {
    return std::unexpected(loaded.error());
  }
  if (!*loaded || !(*loaded)->has(REFRESH)) {
    return {};
  }
  auto answer = ask_for_tokens(request, {{"grant_type", "refresh_token"},
                                         {"refresh_token", REFRESH, true}});
  if (!answer) {
    return std::unexpected(answer.error());
  }
  if (answer->status == 200) {
    return save(request, *answer, true);
  }
  if (answer->text("/error") != "invalid_grant") {
    return answer->refused();
  }
  store::forget();
  return fail(kind::expired, "the session has ended");
}

result<next> sign_in::begin(const contract::request &request) {
  auto answer = server::post(request, DEVICE, {{"scope", SCOPE}},
                             {{"/device_code", DEVICE_CODE}});
  if (!answer) {
    return std::unexpected(answer.error());
  }
  auto address = answer->text("/verification_uri");
  auto code = answer->text("/user_code");
  if (!address || !code || !answer->took(DEVICE_CODE)) {
    return answer->refused();
  }
  auto interval = answer->number("/interval").value_or(5);
  auto lasts = answer->number("/expires_in").value_or(600);
  return next{show{*address, answer->text("/verification_uri_complete"), *code,
                   static_cast<std::uint32_t>(interval),
                   static_cast<std::uint32_t>(lasts)},
              {DEVICE_CODE}};
}

// Asks the server whether the user has approved.
static result<next> poll(const contract::request &request) {
  auto grant = "urn:ietf:params:oauth:grant-type:device_code";
  auto answer = ask_for_tokens(
      request, {{"grant_type", grant}, {"device_code", DEVICE_CODE, true}});
  if (!answer) {
    return std::unexpected(answer.error());
  }
  if (answer->status == 200) {
    return save(request, *answer, false).transform([] {
      return next{sign_in::done{}, {}};
    });
  }
  auto reason = answer->text("/error");
  if (reason == "authorization_pending") {
    return next{sign_in::wait{0}, {DEVICE_CODE}};
  }
  if (reason == "slow_down") {
    return next{sign_in::wait{5}, {DEVICE_CODE}};
  }
  return answer->refused();
}

result<next> sign_in::resume(const contract::request &request) {
  auto polled = poll(request);
  // A server that is away for a moment does not end the sign-in.
  if (!polled && polled.error().kind == kind::unavailable) {
    return next{wait{5}, {DEVICE_CODE}};
  }
  return polled;
}

// Tells the server that the tokens are not used any more (RFC 7009).
result<void> sign_in::end(const contract::request &request) {
  auto loaded = store::load();
  if (!loaded) {
    return std::unexpected(loaded.error());
  }
  if (!*loaded) {
    return {};
  }
  auto token = (*loaded)->has(REFRESH) ? REFRESH : ACCESS;
  auto answer = server::post(request, REVOKE, {{"token", token, true}}, {});
  if (!answer) {
    return std::unexpected(answer.error());
  }
  if (answer->status != 200) {
    return answer->refused();
  }
  return {};
}
