"""The strategy `{{name}}`: an explicit key, or the key in the variable that the
profile names.

It never sees a key. The host keeps the secrets of a call; the strategy gives them
names, and returns the name of the one that is the credential.
"""

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
        take(variable, "key")
        # Change this: which secret becomes the credential. If the server expects a
        # prefix, for example, make a secret that has it, and return that one:
        #
        #   from wit_world.imports import secrets
        #   from wit_world.imports.types import Part_Secret, Part_Text
        #   secrets.concat([Part_Text("corp-"), Part_Secret("key")], "prefixed")
        return credentials("key", Source_Environment(variable))

    def refresh_if_needed(self, request: Request) -> None:
        pass

    def is_valid(self, request: Request) -> bool:
        try:
            self.get_credentials(request)
        except Err:
            return False
        return True


def credentials(secret: str, source: Source) -> Credentials:
    """The credential `api_key`, whose text is this secret."""
    return Credentials(values=[("api_key", secret)], source=source, expires_at=None)


def take(variable: str, name: str) -> None:
    """Makes the value of a variable the secret `name`."""
    try:
        presence = environment.take(variable, name)
    except Err as failed:
        if failed.value == environment.EnvironmentError.DENIED:
            raise error(ErrorKind.DENIED, f"{variable} is not granted") from None
        raise error(ErrorKind.INVALID, f"{variable} is not Unicode") from None
    if presence != environment.Presence.SET:
        hint = f"set it with: export {variable}=your-key-here"
        raise error(ErrorKind.MISSING, f"{variable} is not set", hint)


def error(kind: ErrorKind, message: str, hint: str | None = None) -> Err[AuthError]:
    return Err(AuthError(kind=kind, message=message, hint=hint))
