// The parts of the contract that a strategy with a session has besides: its
// session, requests to its server, and signing in.

#pragma once

#include <string_view>
#include <variant>

#include "contract.hpp"

namespace store {

struct session {
  // The names of its secrets, which the table has after `load`.
  contract::names secrets;
  std::optional<contract::seconds> expires_at;

  bool has(std::string_view secret) const;
};

contract::result<std::optional<session>> load();
contract::result<void> save(const session &session);
void forget();

} // namespace store

namespace server {

// A field of a form: a text, or the name of a secret.
struct field {
  std::string name;
  std::string value;
  bool is_secret = false;
};

struct answer {
  std::uint16_t status;
  // JSON pointers, and what was read there.
  contract::pairs read;
  // The names of the secrets that were taken.
  contract::names taken;

  std::optional<std::string> text(std::string_view pointer) const;
  std::optional<contract::seconds> number(std::string_view pointer) const;
  bool took(std::string_view secret) const;

  // The error of a server that refuses, in its own words (RFC 6749, 5.2). One
  // that gives no reason may be out of order, which says nothing about the
  // session.
  std::unexpected<contract::error> refused() const;
};

// Posts a form to the server of the profile, as the client that the profile
// names, and takes secrets from the answer: JSON pointers and names.
contract::result<answer> post(const contract::request &request,
                              std::string_view path, std::vector<field> fields,
                              const contract::pairs &take);

} // namespace server

// What `strategy.cpp` defines, and `sign_in.cpp` exports.
namespace sign_in {

// A code that the user types into a page.
struct show {
  std::string address;
  std::optional<std::string> complete;
  std::string code;
  std::uint32_t interval;
  std::uint32_t lasts;
};

// Goes on as before, this many seconds slower.
struct wait {
  std::uint32_t slower;
};

struct done {};

struct next {
  std::variant<show, wait, done> step;
  // The names of the secrets that the table has again in the next call.
  contract::names secrets;
};

contract::result<next> begin(const contract::request &request);
contract::result<next> resume(const contract::request &request);
contract::result<void> end(const contract::request &request);

} // namespace sign_in
