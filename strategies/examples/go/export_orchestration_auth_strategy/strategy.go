// Package export_orchestration_auth_strategy is the strategy `github-app`: a token of an
// installation of a GitHub App, which lasts an hour.
//
//	[profiles.models]
//	auth_type = "github-app"
//	issuer = "https://api.github.com"
//	api_key_file = "/run/secrets/app.pem"    # or api_key_env
//	options = { client_id = "Iv23...", installation = "12345678" }
//
// It sees neither the App's private key nor the token: it says what is to be signed, and
// the host signs it, sends it, and keeps the token that comes back in the session.
package export_orchestration_auth_strategy

import (
	"fmt"
	"hash/fnv"
	"slices"

	environment "strategy/bindings/orchestration_auth_environment"
	files "strategy/bindings/orchestration_auth_files"
	store "strategy/bindings/orchestration_auth_store"
	auth "strategy/bindings/orchestration_auth_types"
	"strategy/github"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

// The secret with the App's private key.
const key = "key"

// The note that says what the token of the session was got for.
const settingsNote = "settings"

// Describe says what the strategy is.
func Describe() auth.Description {
	return auth.Description{
		AuthType: "github-app",
		Version:  "0.1.0",
		Summary:  "a token of an installation of a GitHub App",
		// The profile names what it uses.
		Environment: nil,
	}
}

// GetCredentials returns the token of the session, as long as it is valid.
func GetCredentials(request auth.Request) wit.Result[auth.Credentials, auth.AuthError] {
	credentials, failed := resolve(request)
	if failed != nil {
		return wit.Err[auth.Credentials](*failed)
	}
	return wit.Ok[auth.Credentials, auth.AuthError](credentials)
}

// RefreshIfNeeded gets a token. The host calls it when there is none, and when the one that
// there is is about to end.
func RefreshIfNeeded(request auth.Request) wit.Result[wit.Unit, auth.AuthError] {
	if request.ExplicitKey {
		return wit.Ok[wit.Unit, auth.AuthError](wit.Unit{})
	}
	if failed := mint(request); failed != nil {
		return wit.Err[wit.Unit](*failed)
	}
	return wit.Ok[wit.Unit, auth.AuthError](wit.Unit{})
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
	session, failed := load()
	if failed != nil {
		return auth.Credentials{}, failed
	}
	if session != nil && slices.Contains(session.Notes, settings(request.Profile)) {
		if end := session.ExpiresAt; end.IsSome() && end.Some() > request.Now {
			return found(github.Token, auth.MakeSourceSession(), end), nil
		}
	}
	if failed := takeKey(request.Profile); failed != nil {
		return auth.Credentials{}, failed
	}
	return auth.Credentials{}, github.Fail(auth.ErrorKindRenewable, "the next use gets a token", "")
}

// found returns the credential `api_key`, whose text is this secret.
func found(secret string, source auth.Source, end wit.Option[uint64]) auth.Credentials {
	values := []wit.Tuple2[string, string]{{F0: "api_key", F1: secret}}
	return auth.Credentials{Values: values, Source: source, ExpiresAt: end}
}

func mint(request auth.Request) *auth.AuthError {
	if failed := takeKey(request.Profile); failed != nil {
		return failed
	}
	end, failed := github.InstallationToken(request, key)
	if failed != nil {
		return failed
	}
	saved := store.Save(store.Session{
		Secrets:   []string{github.Token},
		Notes:     []wit.Tuple2[string, string]{settings(request.Profile)},
		Account:   wit.None[string](),
		ExpiresAt: wit.Some(end),
	})
	if saved.IsErr() {
		return github.Fail(auth.ErrorKindInternal, "the token cannot be saved", "")
	}
	return nil
}

func load() (*store.Session, *auth.AuthError) {
	loaded := store.Load()
	if loaded.IsErr() {
		return nil, github.Fail(auth.ErrorKindInternal, "the token cannot be loaded", "")
	}
	if loaded.Ok().IsNone() {
		return nil, nil
	}
	session := loaded.Ok().Some()
	return &session, nil
}

// takeKey makes the file, or the variable, that the profile names the secret key.
func takeKey(profile auth.Profile) *auth.AuthError {
	path, variable := profile.ApiKeyFile.SomeOr(""), profile.ApiKeyEnv.SomeOr("")
	switch {
	case path != "":
		taken := files.Take(path, key)
		if taken.IsErr() {
			return unusable(path, taken.Err() == files.FileErrorDenied)
		}
		if taken.Ok() != files.PresencePresent {
			return github.Fail(auth.ErrorKindMissing, path+" has no key", "download one from the App's page")
		}
	case variable != "":
		taken := environment.Take(variable, key)
		if taken.IsErr() {
			return unusable(variable, taken.Err() == environment.EnvironmentErrorDenied)
		}
		if taken.Ok() != environment.PresenceSet {
			return github.Fail(auth.ErrorKindMissing, variable+" is not set", "set it to the App's private key")
		}
	default:
		return github.Unset(profile, "api_key_file")
	}
	return nil
}

func unusable(name string, denied bool) *auth.AuthError {
	if denied {
		return github.Fail(auth.ErrorKindDenied, name+" is not granted", "")
	}
	return github.Fail(auth.ErrorKindInvalid, name+" cannot be read", "")
}

// settings returns a note of what decides which token the profile gets: one that was got
// under other settings is not used. It is a digest, because a note must not contain an
// option.
func settings(profile auth.Profile) wit.Tuple2[string, string] {
	digest := fnv.New64a()
	fmt.Fprintf(digest, "%q", []any{profile.ApiKeyFile.SomeOr(""), profile.ApiKeyEnv.SomeOr(""), profile.Options})
	return wit.Tuple2[string, string]{F0: settingsNote, F1: fmt.Sprintf("%016x", digest.Sum64())}
}
