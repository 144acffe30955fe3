// Package export_orchestration_auth_sign_in signs the user in with a code (RFC 8628), and
// out.
package export_orchestration_auth_sign_in

import (
	"slices"

	strategy "strategy/export_orchestration_auth_strategy"
	"strategy/server"

	signin "strategy/bindings/orchestration_auth_sign_in"
	auth "strategy/bindings/orchestration_auth_types"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// The seconds between two questions, and those that a code lasts, if the server names none.
const (
	interval = 5
	lasts    = 600
)

// Begin asks the server for a code, and shows it.
func Begin(request auth.Request, browser bool) wit.Result[signin.Next, auth.AuthError] {
	answer, failed := server.Post(request.Profile, strategy.DevicePath, server.Text("scope", strategy.Scope))
	if failed != nil {
		return wit.Err[signin.Next](*failed)
	}
	code, address := answer.Read("/user_code"), answer.Read("/verification_uri")
	if code == "" || address == "" || !answer.Took(server.DeviceCode) {
		return wit.Err[signin.Next](*answer.Refused())
	}
	complete := wit.None[string]()
	if page := answer.Read("/verification_uri_complete"); page != "" {
		complete = wit.Some(page)
	}
	return next(signin.MakeStepShow(signin.Code{
		Address:  address,
		Complete: complete,
		Code:     code,
		Interval: answer.Seconds("/interval").SomeOr(interval),
		Lasts:    answer.Seconds("/expires_in").SomeOr(lasts),
	}))
}

// Resume asks the server whether the user has approved.
func Resume(request auth.Request, notes []wit.Tuple2[string, string]) wit.Result[signin.Next, auth.AuthError] {
	answer, failed := server.Post(request.Profile, strategy.TokenPath,
		server.Text("grant_type", deviceGrant),
		server.Secret("device_code", server.DeviceCode))
	if failed != nil {
		// A server that is away for a moment does not end the sign-in.
		if failed.Kind == auth.ErrorKindUnavailable {
			return next(signin.MakeStepWait(interval))
		}
		return wit.Err[signin.Next](*failed)
	}
	switch answer.Read("/error") {
	case "authorization_pending":
		return next(signin.MakeStepWait(0))
	case "slow_down":
		return next(signin.MakeStepWait(interval))
	case "expired_token":
		return wit.Err[signin.Next](*server.Fail(auth.ErrorKindExpired, "the code has ended"))
	}
	if failed := server.Save(answer, request.Now, answer.Taken); failed != nil {
		return wit.Err[signin.Next](*failed)
	}
	return wit.Ok[signin.Next, auth.AuthError](signin.Next{Step: signin.MakeStepDone()})
}

// End tells the server that the session has ended.
func End(request auth.Request) wit.Result[wit.Unit, auth.AuthError] {
	return server.Done(revoke(request.Profile))
}

func revoke(profile auth.Profile) *auth.AuthError {
	session, failed := server.Load()
	if failed != nil || session == nil {
		return failed
	}
	for _, token := range []string{server.Refresh, server.Access} {
		if slices.Contains(session.Secrets, token) {
			answer, failed := server.Post(profile, strategy.RevokePath, server.Secret("token", token))
			if failed == nil && answer.Status != 200 {
				failed = answer.Refused()
			}
			return failed
		}
	}
	return nil
}

// next returns the step, after which Resume has the secret of the code again.
func next(step signin.Step) wit.Result[signin.Next, auth.AuthError] {
	secrets := []string{server.DeviceCode}
	return wit.Ok[signin.Next, auth.AuthError](signin.Next{Step: step, Secrets: secrets})
}
