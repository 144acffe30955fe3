// Requests to the server of the profile, and what goes wrong with them.

#ifndef SERVER_H
#define SERVER_H

#include "answers.h"

typedef orchestration_auth_http_tuple2_string_part_t field;
typedef orchestration_auth_http_response_t response;

// Returns a field with a text.
field text_field(const char *name, string value);

// Returns a field with the secret of this name.
field secret_field(const char *name, const char *secret);

// Posts a form to the server, as the client that the profile names, and takes
// secrets from the answer: JSON pointers and names.
bool post(request *asked, const char *path, const field *fields, size_t count,
          pairs take, response *ret, auth_error *error);

// Finds what was read at this pointer.
bool read_text(const response *answer, const char *pointer, string *ret);
bool read_number(const response *answer, const char *pointer, uint64_t *ret);

// Returns whether the answer gives this reason for a refusal.
bool refused_with(const response *answer, const char *reason);

bool listed(strings list, const char *name);

// The error of a server that refuses, in its own words (RFC 6749, 5.2). One
// that gives no reason may be out of order, which says nothing about the
// session.
bool refused(const response *answer, auth_error *error);

#endif
