// Package server talks to the server that the user signs in to, and keeps the session.
package server

import (
	"slices"
	"strconv"

	http "strategy/bindings/orchestration_auth_http"
	store "strategy/bindings/orchestration_auth_store"
	auth "strategy/bindings/orchestration_auth_types"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

// The names of the secrets.
const (
	DeviceCode = "device_code"
	Access     = "access"
	Refresh    = "refresh"
)

// A Field of a request.
type Field = wit.Tuple2[string, auth.Part]

// Text returns a field with this text.
func Text(name, text string) Field {
	return Field{F0: name, F1: auth.MakePartText(text)}
}

// Secret returns a field with the text of this secret.
func Secret(name, secret string) Field {
	return Field{F0: name, F1: auth.MakePartSecret(secret)}
}

// An Answer of the server.
type Answer struct{ http.Response }

// Post sends the fields to the server, and takes the tokens that it answers with.
func Post(profile auth.Profile, path string, fields ...Field) (Answer, *auth.AuthError) {
	issuer := profile.Issuer.SomeOr("")
	client := option(profile, "client_id")
	if issuer == "" || client == "" {
		failed := Fail(auth.ErrorKindUnsupported, "the profile names no server")
		failed.Hint = wit.Some("add issuer and options.client_id to [profiles." + profile.Name + "]")
		return Answer{}, failed
	}
	sent := http.Send(http.Request{
		Method:        "POST",
		Url:           issuer + path,
		Authorization: wit.None[wit.Tuple2[string, string]](),
		Encoding:      http.EncodingForm,
		Fields:        append(fields, Text("client_id", client)),
		Read: []string{
			"/error",
			"/error_description",
			"/expires_in",
			"/interval",
			"/user_code",
			"/verification_uri",
			"/verification_uri_complete",
		},
		Take: []wit.Tuple2[string, string]{
			{F0: "/access_token", F1: Access},
			{F0: "/refresh_token", F1: Refresh},
			{F0: "/device_code", F1: DeviceCode},
		},
	})
	if sent.IsErr() {
		return Answer{}, unanswered(sent.Err())
	}
	return Answer{sent.Ok()}, nil
}

func option(profile auth.Profile, name string) string {
	for _, option := range profile.Options {
		if option.F0 == name {
			return option.F1
		}
	}
	return ""
}

// Read returns what was read at this pointer.
func (answer Answer) Read(pointer string) string {
	for _, read := range answer.Response.Read {
		if read.F0 == pointer {
			return read.F1
		}
	}
	return ""
}

// Seconds returns what was read at this pointer, if it is a number of seconds.
func (answer Answer) Seconds(pointer string) wit.Option[uint32] {
	seconds, err := strconv.ParseUint(answer.Read(pointer), 10, 32)
	if err != nil || seconds == 0 {
		return wit.None[uint32]()
	}
	return wit.Some(uint32(seconds))
}

// Took returns whether the answer had the secret of this name.
func (answer Answer) Took(secret string) bool {
	return slices.Contains(answer.Taken, secret)
}

// Refused returns the error of an answer that is a refusal, or is not what was asked for.
func (answer Answer) Refused() *auth.AuthError {
	code, why := answer.Read("/error"), answer.Read("/error_description")
	kind := auth.ErrorKindUnavailable
	if code != "" && answer.Status < 500 {
		kind = auth.ErrorKindInvalid
	}
	if why == "" {
		why = code
	}
	if why == "" {
		why = "status " + strconv.Itoa(int(answer.Status))
	}
	return Fail(kind, "the server refused: "+why)
}

// Load returns the session, if there is one.
func Load() (*store.Session, *auth.AuthError) {
	loaded := store.Load()
	if loaded.IsErr() {
		return nil, Fail(auth.ErrorKindInternal, "the session cannot be loaded")
	}
	if loaded.Ok().IsNone() {
		return nil, nil
	}
	session := loaded.Ok().Some()
	return &session, nil
}

// Save saves the session with these secrets.
func Save(answer Answer, now uint64, secrets []string) *auth.AuthError {
	if !answer.Took(Access) {
		return answer.Refused()
	}
	session := store.Session{
		Secrets:   secrets,
		Account:   wit.None[string](),
		ExpiresAt: wit.None[uint64](),
	}
	if lasts := answer.Seconds("/expires_in"); lasts.IsSome() {
		session.ExpiresAt = wit.Some(now + uint64(lasts.Some()))
	}
	if saved := store.Save(session); saved.IsErr() {
		return Fail(auth.ErrorKindInternal, "the session cannot be saved")
	}
	return nil
}

// Done returns what a function without a value returns.
func Done(failed *auth.AuthError) wit.Result[wit.Unit, auth.AuthError] {
	if failed != nil {
		return wit.Err[wit.Unit](*failed)
	}
	return wit.Ok[wit.Unit, auth.AuthError](wit.Unit{})
}

// Fail returns an error without a hint.
func Fail(kind auth.ErrorKind, message string) *auth.AuthError {
	return &auth.AuthError{Kind: kind, Message: message, Hint: wit.None[string]()}
}

// unanswered returns the error of a request without an answer.
func unanswered(why http.HttpError) *auth.AuthError {
	switch why {
	case http.HttpErrorDenied:
		return Fail(auth.ErrorKindDenied, "the server is not granted")
	case http.HttpErrorMalformed, http.HttpErrorNoSecret, http.HttpErrorOffline:
		return Fail(auth.ErrorKindInternal, "the request cannot be sent")
	default:
		return Fail(auth.ErrorKindUnavailable, "the server gave no answer")
	}
}
