"""The strategy `approle`: a key that OpenBao or Vault keeps, for a machine that logs in
with an AppRole.

    [profiles.corp]
    auth_type = "approle"
    issuer = "https://vault.corp.example"
    api_key_file = "/run/secrets/approle-secret-id"    # or api_key_env
    options = { role_id = "...", path = "secret/data/llm", field = "key" }

It sees neither the secret ID, nor the token, nor the key: the host puts one into the
request for the next. The session keeps the key for as long as the token would live.
"""

import hashlib
from collections.abc import Sequence

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import environment, files, http, store
from wit_world.imports.http import HttpError
from wit_world.imports.store import StoreError
from wit_world.imports.types import (
    AuthError,
    Credentials,
    Description,
    ErrorKind,
    Part,
    Part_Secret,
    Part_Text,
    Profile,
    Request,
    Source,
    Source_Explicit,
    Source_Session,
)

# The field of a secret that has the key, if the profile names none.
FIELD = "key"

# The seconds that a key is kept if the token of the login has no end.
UNLIMITED = 3600


class Strategy(exports.Strategy):
    def describe(self) -> Description:
        return Description(
            auth_type="approle",
            version="0.1.0",
            summary="a key of OpenBao or Vault, by AppRole",
            # The profile names what it uses.
            environment=[],
        )

    def get_credentials(self, request: Request) -> Credentials:
        if request.explicit_key:
            return credentials("explicit", Source_Explicit())
        session = load()
        if session is not None and settings(request.profile) in session.notes:
            expires_at = session.expires_at
            if expires_at is not None and expires_at > request.now:
                return credentials("key", Source_Session(), expires_at)
        take_secret_id(request.profile)
        raise error(ErrorKind.RENEWABLE, "the next use logs in")

    def refresh_if_needed(self, request: Request) -> None:
        """Logs in, reads the key, and keeps it for as long as the login lasts."""
        if request.explicit_key:
            return
        profile = request.profile
        take_secret_id(profile)
        lasts = log_in(profile)
        read_key(profile)
        session = store.Session(
            secrets=["key"],
            notes=[settings(profile)],
            account=None,
            expires_at=request.now + lasts,
        )
        try:
            store.save(session)
        except Err as failed:
            raise unkept("save", failed.value) from None

    def is_valid(self, request: Request) -> bool:
        try:
            self.get_credentials(request)
        except Err:
            return False
        return True


def log_in(profile: Profile) -> int:
    """Makes the token of a login the secret `token`, and returns how long it lasts."""
    response = send(
        profile,
        method="POST",
        path="auth/approle/login",
        fields=[
            ("role_id", Part_Text(option(profile, "role_id"))),
            ("secret_id", Part_Secret("secret_id")),
        ],
        read=["/auth/lease_duration"],
        take=[("/auth/client_token", "token")],
    )
    if "token" not in response.taken:
        raise refused("the login", response)
    lasts = int(dict(response.read).get("/auth/lease_duration", "0"))
    # Zero is a token without an end. The key is read again now and then all the same.
    return lasts or UNLIMITED


def read_key(profile: Profile) -> None:
    """Makes the field of a secret of the engine KV, version 2, the secret `key`."""
    field = option(profile, "field", FIELD)
    response = send(
        profile,
        method="GET",
        path=option(profile, "path"),
        headers=[("X-Vault-Token", Part_Secret("token"))],
        take=[(f"/data/data/{field}", "key")],
    )
    if "key" not in response.taken:
        raise refused(f"the field '{field}'", response)


def send(
    profile: Profile,
    method: str,
    path: str,
    headers: Sequence[tuple[str, Part]] = (),
    fields: Sequence[tuple[str, Part]] = (),
    read: Sequence[str] = (),
    take: Sequence[tuple[str, str]] = (),
) -> http.Response:
    """Sends a request to the profile's issuer."""
    if profile.issuer is None:
        raise unset(profile, "issuer")
    request = http.Request(
        method=method,
        url=f"{profile.issuer.rstrip('/')}/v1/{path}",
        headers=list(headers),
        authorization=None,
        encoding=http.Encoding.JSON,
        fields=list(fields),
        read=list(read),
        take=list(take),
    )
    try:
        return http.send(request)
    except Err as failed:
        raise unanswered(failed.value) from None


def take_secret_id(profile: Profile) -> None:
    """Makes the text of the file, or of the variable, that the profile names the secret
    `secret_id`."""
    try:
        if profile.api_key_file is not None:
            name = profile.api_key_file
            found = files.take(name, "secret_id") == files.Presence.PRESENT
        elif profile.api_key_env is not None:
            name = profile.api_key_env
            found = environment.take(name, "secret_id") == environment.Presence.SET
        else:
            raise unset(profile, "api_key_file")
    except Err as failed:
        if isinstance(failed.value, AuthError):
            raise
        kind = ErrorKind.DENIED if failed.value.name == "DENIED" else ErrorKind.INVALID
        raise error(kind, f"{name} cannot be used: {failed.value.name}") from None
    if not found:
        raise error(ErrorKind.MISSING, f"{name} has no secret ID", "write one into it")


def option(profile: Profile, name: str, otherwise: str | None = None) -> str:
    found = dict(profile.options).get(name, otherwise)
    if found is None:
        raise unset(profile, f"options.{name}")
    return found


def settings(profile: Profile) -> tuple[str, str]:
    """A note of what decides which key the profile gets: a key that was read under other
    settings is not used. It is a digest, because a note must not contain an option."""
    text = repr([profile.api_key_file, profile.api_key_env, sorted(profile.options)])
    return ("settings", hashlib.sha256(text.encode()).hexdigest())


def load() -> store.Session | None:
    try:
        return store.load()
    except Err as failed:
        raise unkept("load", failed.value) from None


def credentials(
    secret: str, source: Source, expires_at: int | None = None
) -> Credentials:
    """The credential `api_key`, whose text is this secret."""
    return Credentials([("api_key", secret)], source, expires_at)


def unkept(action: str, why: StoreError) -> Err[AuthError]:
    return error(ErrorKind.INTERNAL, f"cannot {action} the session: {why.name}")


def unset(profile: Profile, key: str) -> Err[AuthError]:
    message = f"the profile {profile.name} has no {key}"
    return error(
        ErrorKind.UNSUPPORTED, message, f"add {key} to [profiles.{profile.name}]"
    )


def unanswered(why: HttpError) -> Err[AuthError]:
    """The error of a request without an answer."""
    match why:
        case HttpError.DENIED:
            return error(ErrorKind.DENIED, "the server is not granted")
        case HttpError.MALFORMED | HttpError.NO_SECRET | HttpError.OFFLINE:
            return error(ErrorKind.INTERNAL, f"the request cannot be sent: {why.name}")
    return error(ErrorKind.UNAVAILABLE, f"the server gave no answer: {why.name}")


def refused(what: str, response: http.Response) -> Err[AuthError]:
    """The error of an answer without what was wanted: 400 is a wrong ID, 403 a policy that
    forbids the path, 404 a path without a secret, 503 a server that is sealed."""
    status = response.status
    kind = ErrorKind.INVALID if status in (400, 403, 404) else ErrorKind.UNAVAILABLE
    return error(kind, f"the server does not give {what}: status {status}")


def error(kind: ErrorKind, message: str, hint: str | None = None) -> Err[AuthError]:
    return Err(AuthError(kind=kind, message=message, hint=hint))
