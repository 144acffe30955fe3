"""The strategy `jwt`: a JSON Web Token from the variable that the profile names.

It never sees the token, only its claims, which are no secret. The signature is for
the server that gets the token to verify. The expiry is returned, and the host compares
it with the clock.
"""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import environment, secrets
from wit_world.imports.types import (
    AuthError,
    Credentials,
    Description,
    ErrorKind,
    Request,
    Source,
    Source_Environment,
    Source_Explicit,
)


class Strategy(exports.Strategy):
    def describe(self) -> Description:
        return Description(
            auth_type="jwt",
            version="0.1.0",
            summary="a JSON Web Token, until it expires",
            # Other variables that it uses.
            environment=[],
        )

    def get_credentials(self, request: Request) -> Credentials:
        if request.explicit_key:
            return credentials("explicit", Source_Explicit())
        variable = request.profile.api_key_env
        if variable is None:
            hint = f"add api_key_env to [profiles.{request.profile.name}]"
            raise error(ErrorKind.MISSING, "the profile names no variable", hint)
        take(variable, "token")
        return credentials("token", Source_Environment(variable))

    def refresh_if_needed(self, request: Request) -> None:
        pass

    def is_valid(self, request: Request) -> bool:
        try:
            self.get_credentials(request)
        except Err:
            return False
        return True


def credentials(token: str, source: Source) -> Credentials:
    """The credential `api_key`, whose text is the secret `token`."""
    expiry = claims(token).get("exp")
    if expiry is not None:
        if type(expiry) not in (int, float) or not 0 <= expiry < 2**63:
            raise error(ErrorKind.INVALID, "the claim `exp` of the token is not a time")
        expiry = int(expiry)
    return Credentials(values=[("api_key", token)], source=source, expires_at=expiry)


def claims(token: str) -> dict:
    """The claims of a token."""
    try:
        found = json.loads(secrets.claims(token))
    except (Err, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        hint = "a token has three parts, separated by dots"
        raise error(ErrorKind.INVALID, "this is not a JSON Web Token", hint)
    return found


def take(variable: str, name: str) -> None:
    """Makes the value of a variable the secret `name`."""
    try:
        presence = environment.take(variable, name)
    except Err as failed:
        if failed.value == environment.EnvironmentError.DENIED:
            raise error(ErrorKind.DENIED, f"{variable} is not granted") from None
        raise error(ErrorKind.INVALID, f"{variable} is not Unicode") from None
    if presence != environment.Presence.SET:
        hint = f"set it with: export {variable}=your-token-here"
        raise error(ErrorKind.MISSING, f"{variable} is not set", hint)


def error(kind: ErrorKind, message: str, hint: str | None = None) -> Err[AuthError]:
    return Err(AuthError(kind=kind, message=message, hint=hint))
