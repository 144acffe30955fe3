"""The strategy `{{name}}`: the user signs in with a code on any device (RFC 8628), and
stays signed in.

It never sees a token. The host keeps the secrets of a call; the strategy says which part
of an answer becomes which secret, and which secret goes into which request.
"""

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.sign_in import Code, Next, Step, Step_Done, Step_Show, Step_Wait
from wit_world.imports import http, store
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

# Change these: where your server answers, below the `issuer` of the profile, and what
# the token is for.
DEVICE = "/device/code"
TOKEN = "/token"
REVOKE = "/revoke"
SCOPE = "llm"

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

# The seconds between two questions, and those that a code lasts, if the server names none.
INTERVAL = 5
LASTS = 600


class Strategy(exports.Strategy):
    def describe(self) -> Description:
        return Description(
            auth_type="{{name}}",
            version="0.1.0",
            summary="signs in with a code, and renews the session",
            # Variables that it uses.
            environment=[],
        )

    def get_credentials(self, request: Request) -> Credentials:
        if request.explicit_key:
            return credentials("explicit", Source_Explicit())
        session = load()
        if session is None:
            raise error(ErrorKind.MISSING, "not signed in")
        expires_at = session.expires_at
        expired = expires_at is not None and expires_at <= request.now
        if "access" in session.secrets and not expired:
            return credentials("access", Source_Session(), expires_at)
        if "refresh" in session.secrets:
            raise error(ErrorKind.RENEWABLE, "the access token has expired")
        raise error(ErrorKind.EXPIRED, "the session has ended")

    def refresh_if_needed(self, request: Request) -> None:
        """The host calls this when the access token is about to end."""
        session = load()
        if session is None or "refresh" not in session.secrets:
            return
        fields = [
            ("grant_type", Part_Text("refresh_token")),
            ("refresh_token", Part_Secret("refresh")),
        ]
        response = post(request.profile, TOKEN, fields)
        if read(response, "/error") == "invalid_grant":
            forget()
            raise error(ErrorKind.EXPIRED, "the session has ended")
        # The old refresh token stays under its name, unless the server sent a new one.
        save(response, request.now, ["access", "refresh"])

    def is_valid(self, request: Request) -> bool:
        try:
            self.get_credentials(request)
        except Err:
            return False
        return True


class SignIn(exports.SignIn):
    def begin(self, request: Request, browser: bool) -> Next:
        response = post(request.profile, DEVICE, [("scope", Part_Text(SCOPE))])
        code = read(response, "/user_code")
        address = read(response, "/verification_uri")
        if code is None or address is None or "device_code" not in response.taken:
            raise refused(response)
        shown = Code(
            address=address,
            complete=read(response, "/verification_uri_complete"),
            code=code,
            interval=seconds(response, "/interval") or INTERVAL,
            lasts=seconds(response, "/expires_in") or LASTS,
        )
        return following(Step_Show(shown))

    def resume(self, request: Request, notes: list[tuple[str, str]]) -> Next:
        fields = [
            ("grant_type", Part_Text(DEVICE_GRANT)),
            ("device_code", Part_Secret("device_code")),
        ]
        try:
            response = post(request.profile, TOKEN, fields)
        except Err as failed:
            # A server that is away for a moment does not end the sign-in.
            if failed.value.kind == ErrorKind.UNAVAILABLE:
                return following(Step_Wait(INTERVAL))
            raise
        match read(response, "/error"):
            case "authorization_pending":
                return following(Step_Wait(0))
            case "slow_down":
                return following(Step_Wait(INTERVAL))
            case "expired_token":
                raise error(ErrorKind.EXPIRED, "the code has ended")
        save(response, request.now, response.taken)
        return Next(step=Step_Done(), secrets=[], notes=[])

    def end(self, request: Request) -> None:
        session = load()
        secrets = session.secrets if session else []
        for token in ["refresh", "access"]:
            if token in secrets:
                fields = [("token", Part_Secret(token))]
                response = post(request.profile, REVOKE, fields)
                if response.status != 200:
                    raise refused(response)
                return


def credentials(
    secret: str, source: Source, expires_at: int | None = None
) -> Credentials:
    """The credential `api_key`, whose text is this secret."""
    return Credentials([("api_key", secret)], source, expires_at)


def following(step: Step) -> Next:
    """The step, after which `resume` has the secret `device_code` again."""
    return Next(step=step, secrets=["device_code"], notes=[])


def post(profile: Profile, path: str, fields: list[tuple[str, Part]]) -> http.Response:
    """Sends the fields to the server, and takes the tokens that it answers with."""
    client = dict(profile.options).get("client_id")
    if profile.issuer is None or client is None:
        hint = f"add issuer and options.client_id to [profiles.{profile.name}]"
        raise error(ErrorKind.UNSUPPORTED, "the profile names no server", hint)
    request = http.Request(
        method="POST",
        url=profile.issuer + path,
        headers=[],
        authorization=None,
        encoding=http.Encoding.FORM,
        fields=[("client_id", Part_Text(client)), *fields],
        read=[
            "/error",
            "/error_description",
            "/expires_in",
            "/interval",
            "/user_code",
            "/verification_uri",
            "/verification_uri_complete",
        ],
        take=[
            ("/access_token", "access"),
            ("/refresh_token", "refresh"),
            ("/device_code", "device_code"),
        ],
    )
    try:
        return http.send(request)
    except Err as failed:
        raise unanswered(failed.value) from None


def load() -> store.Session | None:
    try:
        return store.load()
    except Err as failed:
        raise unkept("load", failed.value) from None


def save(response: http.Response, now: int, secrets: list[str]) -> None:
    """Saves the session with these secrets."""
    if "access" not in response.taken:
        raise refused(response)
    lasts = seconds(response, "/expires_in")
    expires_at = None if lasts is None else now + lasts
    session = store.Session(secrets, notes=[], account=None, expires_at=expires_at)
    try:
        store.save(session)
    except Err as failed:
        raise unkept("save", failed.value) from None


def forget() -> None:
    try:
        store.forget()
    except Err as failed:
        raise unkept("forget", failed.value) from None


def read(response: http.Response, pointer: str) -> str | None:
    """What was read at this pointer."""
    return dict(response.read).get(pointer)


def seconds(response: http.Response, pointer: str) -> int | None:
    """What was read at this pointer, if it is a number of seconds."""
    try:
        found = int(read(response, pointer) or "")
    except ValueError:
        return None
    return found if 0 < found < 2**32 else None


def unanswered(why: HttpError) -> Err[AuthError]:
    """The error of a request without an answer."""
    match why:
        case HttpError.DENIED:
            return error(ErrorKind.DENIED, "the server is not granted")
        case HttpError.MALFORMED | HttpError.NO_SECRET | HttpError.OFFLINE:
            return error(ErrorKind.INTERNAL, f"the request cannot be sent: {why.name}")
    return error(ErrorKind.UNAVAILABLE, f"the server gave no answer: {why.name}")


def unkept(action: str, why: StoreError) -> Err[AuthError]:
    """The error of a session that the host cannot keep."""
    return error(ErrorKind.INTERNAL, f"cannot {action} the session: {why.name}")


def refused(response: http.Response) -> Err[AuthError]:
    """The error of an answer that is a refusal, or is not what was asked for."""
    code = read(response, "/error")
    refuses = code is not None and response.status < 500
    kind = ErrorKind.INVALID if refuses else ErrorKind.UNAVAILABLE
    why = read(response, "/error_description") or code or f"status {response.status}"
    return error(kind, f"the server refused: {why}")


def error(kind: ErrorKind, message: str, hint: str | None = None) -> Err[AuthError]:
    return Err(AuthError(kind=kind, message=message, hint=hint))
