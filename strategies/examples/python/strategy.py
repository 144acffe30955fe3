"""The strategy `jwt`: a JSON Web Token from the variable that the profile names.

Its claims are read, and its signature is not: that is for the server that it is
shown to. There is no clock here, so its end goes to the host, which judges it.
"""

import base64
import binascii
import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import environment
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
            summary="a JSON Web Token that has not ended",
            # The variables that it reads besides that one.
            environment=[],
        )

    def get_credentials(self, request: Request) -> Credentials:
        if request.explicit_key:
            return credentials(request.explicit_key, Source_Explicit())
        name = request.profile.api_key_env
        if name is None:
            hint = f"add api_key_env to [profiles.{request.profile.name}]"
            raise error(ErrorKind.MISSING, "the profile names no variable", hint)
        key = read(name)
        if not key:
            hint = f"set it with: export {name}=your-key-here"
            raise error(ErrorKind.MISSING, f"{name} is not set", hint)
        return credentials(key, Source_Environment(name))

    def refresh_if_needed(self, request: Request) -> None:
        pass

    def is_valid(self, request: Request) -> bool:
        try:
            self.get_credentials(request)
        except Err:
            return False
        return True


def credentials(token: str, source: Source) -> Credentials:
    ends = claims(token).get("exp")
    if ends is not None and (type(ends) not in (int, float) or not 0 <= ends < 2**63):
        raise error(ErrorKind.INVALID, "the claim exp of the token is no time")
    ends = None if ends is None else int(ends)
    return Credentials(values=[("api_key", token)], source=source, expires_at=ends)


def claims(token: str) -> dict:
    """The second of the three parts, which is JSON in base64 for URLs."""
    try:
        _, payload, _ = token.split(".")
        found = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4), "-_", True))
    except (ValueError, binascii.Error, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise error(ErrorKind.INVALID, "this is no JSON Web Token", "it has three parts with dots between")
    return found


def read(name: str) -> str | None:
    """The variable's value; None where it is unset."""
    try:
        return environment.get(name)
    except Err as failed:
        if failed.value == environment.EnvironmentError.DENIED:
            raise error(ErrorKind.DENIED, f"{name} is not granted") from None
        raise error(ErrorKind.INVALID, f"{name} is not Unicode") from None


def error(kind: ErrorKind, message: str, hint: str | None = None) -> Err[AuthError]:
    """A message never repeats a value: it may be a secret."""
    return Err(AuthError(kind=kind, message=message, hint=hint))
