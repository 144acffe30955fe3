#include "sign_in.hpp"

#include <algorithm>

#include "bridge.hpp"

using bridge::copied, bridge::given, bridge::owned;
using contract::fail, contract::kind, contract::result;

bool store::session::has(std::string_view secret) const {
  return std::ranges::contains(secrets, secret);
}

result<std::optional<store::session>> store::load() {
  orchestration_auth_store_option_session_t loaded{};
  orchestration_auth_store_store_error_t fault;
  if (!orchestration_auth_store_load(&loaded, &fault)) {
    return fail(kind::internal, "the session cannot be loaded");
  }
  owned owner(&loaded, orchestration_auth_store_option_session_free);
  if (!loaded.is_some) {
    return std::nullopt;
  }
  session found{copied(loaded.val.secrets), {}};
  if (loaded.val.expires_at.is_some) {
    found.expires_at = loaded.val.expires_at.val;
  }
  return found;
}

result<void> store::save(const session &session) {
  orchestration_auth_store_session_t saved{
      .secrets = given(session.secrets),
      .notes = {},
      .account = {},
      .expires_at = {session.expires_at.has_value(),
                     session.expires_at.value_or(0)},
  };
  owned owner(&saved, orchestration_auth_store_session_free);
  orchestration_auth_store_store_error_t fault;
  if (!orchestration_auth_store_save(&saved, &fault)) {
    return fail(kind::internal, "the session cannot be saved");
  }
  return {};
}

void store::forget() {
  orchestration_auth_store_store_error_t fault;
  orchestration_auth_store_forget(&fault);
}

std::optional<std::string>
server::answer::text(std::string_view pointer) const {
  for (const auto &[where, text] : read) {
    if (where == pointer) {
      return text;
    }
  }
  return {};
}

std::optional<contract::seconds>
server::answer::number(std::string_view pointer) const {
  auto digits = text(pointer);
  if (!digits || digits->empty() || digits->size() > 15) {
    return {};
  }
  contract::seconds number = 0;
  for (char digit : *digits) {
    if (digit < '0' || digit > '9') {
      return {};
    }
    number = number * 10 + (digit - '0');
  }
  return number;
}

bool server::answer::took(std::string_view secret) const {
  return std::ranges::contains(taken, secret);
}

std::unexpected<contract::error> server::answer::refused() const {
  auto reason = text("/error");
  if (!reason || status == 408 || status == 429 || status >= 500) {
    return fail(kind::unavailable,
                "the server answered with status " + std::to_string(status));
  }
  auto said = text("/error_description").value_or(*reason);
  return fail(kind::invalid, "the server refuses: " + said);
}

static std::unexpected<contract::error>
no_answer(orchestration_auth_http_http_error_t fault) {
  switch (fault) {
  case ORCHESTRATION_AUTH_HTTP_HTTP_ERROR_DENIED:
    return fail(kind::denied, "the server is not granted");
  case ORCHESTRATION_AUTH_HTTP_HTTP_ERROR_NO_SECRET:
  case ORCHESTRATION_AUTH_HTTP_HTTP_ERROR_MALFORMED:
  case ORCHESTRATION_AUTH_HTTP_HTTP_ERROR_OFFLINE:
    return fail(kind::internal, "the request cannot be sent");
  default:
    return fail(kind::unavailable, "the server did not answer");
  }
}

// What is read from every answer. Each of these is public by its RFC.
static const contract::names READ = {
    "/error",
    "/error_description",
    "/expires_in",
    "/interval",
    "/user_code",
    "/verification_uri",
    "/verification_uri_complete",
};

static orchestration_auth_http_list_tuple2_string_part_t
form(const std::vector<server::field> &fields) {
  using list_t = orchestration_auth_http_list_tuple2_string_part_t;
  auto list = bridge::room<list_t>(fields.size());
  for (std::size_t i = 0; i < fields.size(); i++) {
    const auto &[name, value, is_secret] = fields[i];
    std::uint8_t tag = is_secret ? ORCHESTRATION_AUTH_TYPES_PART_SECRET
                                 : ORCHESTRATION_AUTH_TYPES_PART_TEXT;
    list.ptr[i] = {given(name), {tag, {given(value)}}};
  }
  return list;
}

result<server::answer> server::post(const contract::request &request,
                                    std::string_view path,
                                    std::vector<field> fields,
                                    const contract::pairs &take) {
  const auto &[name, issuer, variable, file, options] = request.profile;
  auto client = std::ranges::find(
      options, "client_id", [](const auto &option) { return option.first; });
  if (!issuer || client == options.end()) {
    return fail(kind::unsupported,
                "the profile needs `issuer` and `options.client_id`");
  }
  fields.push_back({"client_id", client->second});
  auto url = issuer->substr(0, issuer->find_last_not_of('/') + 1);
  orchestration_auth_http_request_t sent{
      .method = given("POST"),
      .url = given(url.append(path)),
      .headers = {},
      .authorization = {},
      .encoding = ORCHESTRATION_AUTH_HTTP_ENCODING_FORM,
      .fields = form(fields),
      .read = given(READ),
      .take = given(take),
  };
  owned sent_owner(&sent, orchestration_auth_http_request_free);
  orchestration_auth_http_response_t response;
  orchestration_auth_http_http_error_t fault;
  if (!orchestration_auth_http_send(&sent, &response, &fault)) {
    return no_answer(fault);
  }
  owned owner(&response, orchestration_auth_http_response_free);
  return answer{response.status, copied(response.read), copied(response.taken)};
}

// The exports of a strategy that signs in.

using request_t = orchestration_auth_types_request_t;
using error_t = orchestration_auth_types_auth_error_t;
using next_t = exports_orchestration_auth_sign_in_next_t;
using step_t = exports_orchestration_auth_sign_in_step_t;

static step_t given(const sign_in::show &code) {
  contract_option_string_t complete{};
  if (code.complete) {
    complete = {true, given(*code.complete)};
  }
  return {EXPORTS_ORCHESTRATION_AUTH_SIGN_IN_STEP_SHOW,
          {.show = {given(code.address), complete, given(code.code),
                    code.interval, code.lasts}}};
}

static step_t given(const sign_in::wait &longer) {
  return {EXPORTS_ORCHESTRATION_AUTH_SIGN_IN_STEP_WAIT,
          {.wait = longer.slower}};
}

static step_t given(const sign_in::done &) {
  return {EXPORTS_ORCHESTRATION_AUTH_SIGN_IN_STEP_DONE, {}};
}

static bool went_on(const result<sign_in::next> &next, next_t *ret,
                    error_t *err) {
  if (!next) {
    return bridge::failed(next.error(), err);
  }
  auto step =
      std::visit([](const auto &step) { return given(step); }, next->step);
  *ret = {step, given(next->secrets), {}};
  return true;
}

bool exports_orchestration_auth_sign_in_begin(request_t *request, bool,
                                              next_t *ret, error_t *err) {
  owned owner(request, orchestration_auth_types_request_free);
  return went_on(sign_in::begin(copied(*request)), ret, err);
}

bool exports_orchestration_auth_sign_in_resume(
    request_t *request, contract_list_tuple2_string_string_t *notes,
    next_t *ret, error_t *err) {
  owned owner(request, orchestration_auth_types_request_free);
  owned notes_owner(notes, contract_list_tuple2_string_string_free);
  return went_on(sign_in::resume(copied(*request)), ret, err);
}

bool exports_orchestration_auth_sign_in_end(request_t *request, error_t *err) {
  owned owner(request, orchestration_auth_types_request_free);
  auto ended = sign_in::end(copied(*request));
  return ended || bridge::failed(ended.error(), err);
}
