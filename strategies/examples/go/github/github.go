// Package github gets tokens of GitHub: the App shows a JWT that it signed, and gets the
// token of an installation.
package github

import (
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	http "strategy/bindings/orchestration_auth_http"
	secrets "strategy/bindings/orchestration_auth_secrets"
	auth "strategy/bindings/orchestration_auth_types"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

// Token is the secret with the token of the installation.
const Token = "token"

// The secrets of the JWT.
const (
	signature = "signature"
	assertion = "assertion"
)

// The seconds around now for which the JWT is valid. GitHub allows ten minutes after, and
// advises one before, for clocks that differ.
const (
	before = 60
	after  = 300
)

const expiresAt = "/expires_at"

// InstallationToken gets a token for the installation that the profile names, and returns
// when it ends. The private key of the App is the secret key.
func InstallationToken(request auth.Request, key string) (uint64, *auth.AuthError) {
	profile := request.Profile
	issuer, installation := profile.Issuer.SomeOr(""), option(profile, "installation")
	if issuer == "" {
		return 0, Unset(profile, "issuer")
	}
	if installation == "" {
		return 0, Unset(profile, "options.installation")
	}
	if failed := sign(request, key); failed != nil {
		return 0, failed
	}
	sent := http.Send(http.Request{
		Method: "POST",
		Url:    issuer + "/app/installations/" + installation + "/access_tokens",
		Headers: []wit.Tuple2[string, auth.Part]{
			{F0: "X-GitHub-Api-Version", F1: auth.MakePartText("2022-11-28")},
		},
		Authorization: wit.Some(wit.Tuple2[string, string]{F0: "Bearer", F1: assertion}),
		Encoding:      http.EncodingJson,
		Read:          []string{expiresAt},
		Take:          []wit.Tuple2[string, string]{{F0: "/token", F1: Token}},
	})
	if sent.IsErr() {
		return 0, unanswered(sent.Err())
	}
	return end(sent.Ok())
}

// end returns when the token of the answer ends.
func end(answer http.Response) (uint64, *auth.AuthError) {
	if answer.Status != 201 || !slices.Contains(answer.Taken, Token) {
		return 0, refused(answer.Status)
	}
	for _, read := range answer.Read {
		if end, err := time.Parse(time.RFC3339, read.F1); err == nil && end.Unix() > 0 {
			return uint64(end.Unix()), nil
		}
	}
	return 0, Fail(auth.ErrorKindUnavailable, "GitHub does not say when the token ends", "")
}

// sign makes the secret assertion: a JWT that says which App asks.
func sign(request auth.Request, key string) *auth.AuthError {
	client := option(request.Profile, "client_id")
	if client == "" {
		return Unset(request.Profile, "options.client_id")
	}
	header := encoded(`{"alg":"RS256","typ":"JWT"}`)
	claims := encoded(fmt.Sprintf(`{"iat":%d,"exp":%d,"iss":%q}`,
		request.Now-min(request.Now, before), request.Now+after, client))
	signed := []auth.Part{auth.MakePartText(header + "." + claims)}
	if made := secrets.Sign(key, secrets.AlgorithmRs256, signed, signature); made.IsErr() {
		return Fail(auth.ErrorKindInvalid, "this is no private key of an App",
			"download one from the App's page, in PEM")
	}
	parts := append(signed, auth.MakePartText("."), auth.MakePartSecret(signature))
	if made := secrets.Concat(parts, assertion); made.IsErr() {
		return Fail(auth.ErrorKindInternal, "the JWT cannot be made", "")
	}
	return nil
}

func encoded(text string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

func option(profile auth.Profile, name string) string {
	for _, option := range profile.Options {
		if option.F0 == name {
			return option.F1
		}
	}
	return ""
}

// refused returns the error of an answer without a token: 401 is a key that is not the
// App's, 403 a suspended installation, 404 one that the App does not have.
func refused(status uint16) *auth.AuthError {
	kind := auth.ErrorKindUnavailable
	if status == 401 || status == 403 || status == 404 {
		kind = auth.ErrorKindInvalid
	}
	return Fail(kind, fmt.Sprintf("GitHub gives no token: status %d", status), "")
}

// unanswered returns the error of a request without an answer.
func unanswered(why http.HttpError) *auth.AuthError {
	switch why {
	case http.HttpErrorDenied:
		return Fail(auth.ErrorKindDenied, "GitHub is not granted", "")
	case http.HttpErrorMalformed, http.HttpErrorNoSecret, http.HttpErrorOffline:
		return Fail(auth.ErrorKindInternal, "the request cannot be sent", "")
	default:
		return Fail(auth.ErrorKindUnavailable, "GitHub gives no answer", "")
	}
}

// Unset returns the error of a profile that lacks this key.
func Unset(profile auth.Profile, key string) *auth.AuthError {
	return Fail(auth.ErrorKindUnsupported, "the profile "+profile.Name+" has no "+key,
		"add "+key+" to [profiles."+profile.Name+"]")
}

// Fail returns an error, with a hint if there is one.
func Fail(kind auth.ErrorKind, message, hint string) *auth.AuthError {
	failed := &auth.AuthError{Kind: kind, Message: message, Hint: wit.None[string]()}
	if hint != "" {
		failed.Hint = wit.Some(hint)
	}
	return failed
}
