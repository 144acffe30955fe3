"""The strategy `{{name}}`: an explicit key, or the key in the variable that the
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
            # Other variables that it reads.
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
    """Change this: what a valid key looks like, and which credential it becomes."""
    if len(key) < 8:
        raise error(ErrorKind.INVALID, "the key is too short", "a key has 8 characters or more")
    return Credentials(values=[("api_key", key)], source=source, expires_at=None)


def read(name: str) -> str | None:
    """The variable's value, or None if it is unset."""
    try:
        return environment.get(name)
    except Err as failed:
        if failed.value == environment.EnvironmentError.DENIED:
            raise error(ErrorKind.DENIED, f"{name} is not granted") from None
        raise error(ErrorKind.INVALID, f"{name} is not Unicode") from None


def error(kind: ErrorKind, message: str, hint: str | None = None) -> Err[AuthError]:
    """A message must not contain a value, which may be a secret."""
    return Err(AuthError(kind=kind, message=message, hint=hint))
