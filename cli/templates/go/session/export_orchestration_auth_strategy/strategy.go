// Package export_orchestration_auth_strategy is the strategy `{{name}}`: the user signs in
// with a code on any device (RFC 8628), and stays signed in.
//
// It never sees a token. The host keeps the secrets of a call; the strategy says which part
// of an answer becomes which secret, and which secret goes into which request.
package export_orchestration_auth_strategy

import (
	"slices"

	"strategy/server"

	store "strategy/bindings/orchestration_auth_store"
	auth "strategy/bindings/orchestration_auth_types"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

// Change these: where your server answers, below the `issuer` of the profile, and what the
// token is for.
const (
	DevicePath = "/device/code"
	TokenPath  = "/token"
	RevokePath = "/revoke"
	Scope      = "llm"
)

// Describe says what the strategy is.
func Describe() auth.Description {
	return auth.Description{
		AuthType: "{{name}}",
		Version:  "0.1.0",
		Summary:  "signs in with a code, and renews the session",
		// Variables that it uses.
		Environment: nil,
	}
}

// GetCredentials returns the access token of the session.
func GetCredentials(request auth.Request) wit.Result[auth.Credentials, auth.AuthError] {
	credentials, failed := resolve(request)
	if failed != nil {
		return wit.Err[auth.Credentials](*failed)
	}
	return wit.Ok[auth.Credentials, auth.AuthError](credentials)
}

// RefreshIfNeeded renews the session. The host calls it when the access token is about to
// end.
func RefreshIfNeeded(request auth.Request) wit.Result[wit.Unit, auth.AuthError] {
	return server.Done(renew(request))
}

// IsValid returns whether GetCredentials would find a token.
func IsValid(request auth.Request) bool {
	_, failed := resolve(request)
	return failed == nil
}

func resolve(request auth.Request) (auth.Credentials, *auth.AuthError) {
	if request.ExplicitKey {
		return found("explicit", auth.MakeSourceExplicit(), wit.None[uint64]()), nil
	}
	var none auth.Credentials
	session, failed := server.Load()
	if failed != nil {
		return none, failed
	}
	if session == nil {
		return none, server.Fail(auth.ErrorKindMissing, "not signed in")
	}
	end := session.ExpiresAt
	expired := end.IsSome() && end.Some() <= request.Now
	if slices.Contains(session.Secrets, server.Access) && !expired {
		return found(server.Access, auth.MakeSourceSession(), end), nil
	}
	if slices.Contains(session.Secrets, server.Refresh) {
		return none, server.Fail(auth.ErrorKindRenewable, "the access token has expired")
	}
	return none, server.Fail(auth.ErrorKindExpired, "the session has ended")
}

// found returns the credential `api_key`, whose text is this secret.
func found(secret string, source auth.Source, end wit.Option[uint64]) auth.Credentials {
	key := wit.Tuple2[string, string]{F0: "api_key", F1: secret}
	values := []wit.Tuple2[string, string]{key}
	return auth.Credentials{Values: values, Source: source, ExpiresAt: end}
}

func renew(request auth.Request) *auth.AuthError {
	session, failed := server.Load()
	if failed != nil || session == nil || !slices.Contains(session.Secrets, server.Refresh) {
		return failed
	}
	answer, failed := server.Post(request.Profile, TokenPath,
		server.Text("grant_type", "refresh_token"),
		server.Secret("refresh_token", server.Refresh))
	if failed != nil {
		return failed
	}
	if answer.Read("/error") == "invalid_grant" {
		if store.Forget().IsErr() {
			return server.Fail(auth.ErrorKindInternal, "the session cannot be forgotten")
		}
		return server.Fail(auth.ErrorKindExpired, "the session has ended")
	}
	// The old refresh token stays under its name, unless the server sent a new one.
	return server.Save(answer, request.Now, []string{server.Access, server.Refresh})
}
