"""The strategy `{{name}}`: a key from the caller, or from the variable that the
profile names."""

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
            auth_type="{{name}}",
            version="0.1.0",
            summary="a key from the variable that the profile names",
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


def credentials(key: str, source: Source) -> Credentials:
    """Change this: what a key looks like, and what is made of it."""
    if len(key) < 8:
        raise error(ErrorKind.INVALID, "the key is too short", "a key has 8 characters or more")
    return Credentials(values=[("api_key", key)], source=source, expires_at=None)


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
