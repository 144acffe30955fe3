// Package export_orchestration_auth_strategy is the strategy `{{name}}`: an explicit key,
// or the key in the variable that the profile names.
//
// It never sees a key. The host keeps the secrets of a call; the strategy gives them
// names, and returns the name of the one that is the credential.
package export_orchestration_auth_strategy

import (
	"fmt"

	environment "strategy/bindings/orchestration_auth_environment"
	auth "strategy/bindings/orchestration_auth_types"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

// Describe says what the strategy is.
func Describe() auth.Description {
	return auth.Description{
		AuthType: "{{name}}",
		Version:  "0.1.0",
		Summary:  "a key from the variable that the profile names",
		// Other variables that it uses.
		Environment: nil,
	}
}

// GetCredentials finds the key.
func GetCredentials(request auth.Request) wit.Result[auth.Credentials, auth.AuthError] {
	credentials, failed := resolve(request)
	if failed != nil {
		return wit.Err[auth.Credentials](*failed)
	}
	return wit.Ok[auth.Credentials, auth.AuthError](credentials)
}

// RefreshIfNeeded has nothing to renew.
func RefreshIfNeeded(auth.Request) wit.Result[wit.Unit, auth.AuthError] {
	return wit.Ok[wit.Unit, auth.AuthError](wit.Unit{})
}

// IsValid returns whether GetCredentials would find a key.
func IsValid(request auth.Request) bool {
	_, failed := resolve(request)
	return failed == nil
}

func resolve(request auth.Request) (auth.Credentials, *auth.AuthError) {
	if request.ExplicitKey {
		return found("explicit", auth.MakeSourceExplicit()), nil
	}
	variable := request.Profile.ApiKeyEnv.SomeOr("")
	if variable == "" {
		hint := fmt.Sprintf("add api_key_env to [profiles.%s]", request.Profile.Name)
		return auth.Credentials{}, fail(auth.ErrorKindMissing, "the profile names no variable", hint)
	}
	if failed := take(variable, "key"); failed != nil {
		return auth.Credentials{}, failed
	}
	// Change this: which secret becomes the credential. If the server expects a prefix,
	// for example, make a secret that has it, and return that one:
	//
	//	import secrets "strategy/bindings/orchestration_auth_secrets"
	//
	//	parts := []auth.Part{auth.MakePartText("corp-"), auth.MakePartSecret("key")}
	//	secrets.Concat(parts, "prefixed")
	return found("key", auth.MakeSourceEnvironment(variable)), nil
}

// found returns the credential `api_key`, whose text is this secret.
func found(secret string, source auth.Source) auth.Credentials {
	key := wit.Tuple2[string, string]{F0: "api_key", F1: secret}
	values := []wit.Tuple2[string, string]{key}
	return auth.Credentials{Values: values, Source: source, ExpiresAt: wit.None[uint64]()}
}

// take makes the value of a variable the secret name.
func take(variable, name string) *auth.AuthError {
	taken := environment.Take(variable, name)
	switch {
	case taken.IsErr() && taken.Err() == environment.EnvironmentErrorDenied:
		return fail(auth.ErrorKindDenied, variable+" is not granted", "")
	case taken.IsErr():
		return fail(auth.ErrorKindInvalid, variable+" is not Unicode", "")
	case taken.Ok() != environment.PresenceSet:
		hint := fmt.Sprintf("set it with: export %s=your-key-here", variable)
		return fail(auth.ErrorKindMissing, variable+" is not set", hint)
	}
	return nil
}

func fail(kind auth.ErrorKind, message, hint string) *auth.AuthError {
	failed := auth.AuthError{Kind: kind, Message: message, Hint: wit.None[string]()}
	if hint != "" {
		failed.Hint = wit.Some(hint)
	}
	return &failed
}
