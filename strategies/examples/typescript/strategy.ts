// The strategy `portal`: a token of a company's own portal, which is no OAuth server. The
// user types a code into a page of the portal, and stays signed in.
//
//   [profiles.corp]
//   auth_type = "portal"
//   issuer = "https://portal.corp.example"
//
//   [strategies.portal]
//   readable = ["/user/email"]
//
// The grant is for the account in `auth status`; without it, the session has none. This is
// what the portal is asked, and answers, all in JSON:
//
//   POST /api/codes                      200 device_code, user_code, verification_uri
//   POST /api/tokens device_code         202 until the user has approved, then
//                                        200 token, renewal, expires_at, user.email
//   POST /api/tokens/renew renewal       the same 200; 401 if the session has ended
//   POST /api/tokens/revoke renewal      204
//
// It never sees a token: it says which part of an answer becomes which secret, and which
// secret goes into which request.

import * as http from 'orchestration:auth/http@0.2.0';
import type { HttpError, Response } from 'orchestration:auth/http@0.2.0';
import type { Next, Step } from 'orchestration:auth/sign-in@0.2.0';
import * as store from 'orchestration:auth/store@0.2.0';
import type { Session, StoreError } from 'orchestration:auth/store@0.2.0';
import type {
  AuthError,
  Credentials,
  ErrorKind,
  Profile,
  Source,
} from 'orchestration:auth/types@0.2.0';

// The seconds between two questions, and those that a code lasts.
const INTERVAL = 5;
const LASTS = 600;

export const strategy: typeof import('orchestration:auth/strategy@0.2.0') = {
  describe() {
    return {
      authType: 'portal',
      version: '0.1.0',
      summary: "signs in to a company's own portal with a code",
      environment: [],
    };
  },

  getCredentials({ explicitKey, now }) {
    if (explicitKey) {
      return credentials('explicit', { tag: 'explicit' });
    }
    const session = load();
    if (!session) {
      throw error('missing', 'not signed in');
    }
    if (session.expiresAt === undefined || session.expiresAt <= now) {
      throw error('renewable', 'the token has expired');
    }
    return credentials('token', { tag: 'session' }, session.expiresAt);
  },

  refreshIfNeeded({ profile }) {
    if (!load()) {
      return;
    }
    const response = post(profile, '/api/tokens/renew', 'refresh');
    if (response.status === 401) {
      stored('forgotten', store.forget);
      throw error('expired', 'the session has ended');
    }
    save(response);
  },

  isValid(request) {
    try {
      strategy.getCredentials(request);
      return true;
    } catch {
      return false;
    }
  },
};

export const signIn: typeof import('orchestration:auth/sign-in@0.2.0') = {
  begin({ profile }) {
    const response = post(profile, '/api/codes');
    const code = read(response, '/user_code');
    const address = read(response, '/verification_uri');
    if (!code || !address || !response.taken.includes('device_code')) {
      throw refused(response);
    }
    return next({ tag: 'show', val: { address, code, interval: INTERVAL, lasts: LASTS } });
  },

  resume({ profile }) {
    let response: Response;
    try {
      response = post(profile, '/api/tokens', 'device_code');
    } catch (failed) {
      // A portal that is away for a moment does not end the sign-in.
      if ((failed as AuthError).kind === 'unavailable') {
        return next({ tag: 'wait', val: INTERVAL });
      }
      throw failed;
    }
    if (response.status === 202) {
      return next({ tag: 'wait', val: 0 });
    }
    save(response);
    return { step: { tag: 'done' }, secrets: [], notes: [] };
  },

  end({ profile }) {
    if (load()) {
      const response = post(profile, '/api/tokens/revoke', 'refresh');
      if (response.status !== 204) {
        throw refused(response);
      }
    }
  },
};

// The step, after which `resume` has the secret `device_code` again.
function next(step: Step): Next {
  return { step, secrets: ['device_code'], notes: [] };
}

// Sends a secret to the portal under the name that the portal has for it, and takes the
// secrets that come back.
function post(profile: Profile, path: string, secret?: 'device_code' | 'refresh'): Response {
  if (!profile.issuer) {
    const hint = `add issuer to [profiles.${profile.name}]`;
    throw error('unsupported', 'the profile does not name the portal', hint);
  }
  const field = secret === 'refresh' ? 'renewal' : secret;
  try {
    return http.send({
      method: 'POST',
      url: profile.issuer + path,
      headers: [],
      encoding: 'json',
      fields: secret && field ? [[field, { tag: 'secret', val: secret }]] : [],
      read: ['/user_code', '/verification_uri', '/expires_at', '/user/email'],
      take: [
        ['/device_code', 'device_code'],
        ['/token', 'token'],
        // The host shows a session with a secret of this name as one that renews itself.
        ['/renewal', 'refresh'],
      ],
    });
  } catch (failed) {
    throw unanswered((failed as { payload: HttpError }).payload);
  }
}

// Saves the token that the portal answered with.
function save(response: Response): void {
  const expires = Date.parse(read(response, '/expires_at') ?? '');
  const secrets = ['token', 'refresh'];
  if (Number.isNaN(expires) || !secrets.every((name) => response.taken.includes(name))) {
    throw refused(response);
  }
  const expiresAt = time(Math.floor(expires / 1000));
  const account = read(response, '/user/email');
  stored('saved', () => store.save({ secrets, notes: [], account, expiresAt }));
}

function load(): Session | undefined {
  return stored('loaded', store.load);
}

// Calls the store.
function stored<T>(action: string, call: () => T): T {
  try {
    return call();
  } catch (failed) {
    const why = (failed as { payload: StoreError }).payload;
    throw error('internal', `the session cannot be ${action}: ${why}`);
  }
}

// What was read at this pointer.
function read(response: Response, pointer: string): string | undefined {
  return new Map(response.read).get(pointer);
}

// A time of the contract. QuickJS takes and passes it as a number, although the generated
// types say bigint, as other engines have it.
function time(seconds: number): bigint {
  return seconds as unknown as bigint;
}

// The credential `api_key`, whose text is this secret.
function credentials(secret: string, source: Source, expiresAt?: bigint): Credentials {
  return { values: [['api_key', secret]], source, expiresAt };
}

// The error of a request without an answer.
function unanswered(why: HttpError): AuthError {
  switch (why) {
    case 'denied':
      return error('denied', 'the portal is not granted');
    case 'malformed':
    case 'no-secret':
    case 'offline':
      return error('internal', `the request cannot be sent: ${why}`);
    default:
      return error('unavailable', `the portal gave no answer: ${why}`);
  }
}

// The error of an answer that is a refusal, or is not what was asked for.
function refused({ status }: Response): AuthError {
  const kind = status >= 400 && status < 500 ? 'invalid' : 'unavailable';
  return error(kind, `the portal refused: status ${status}`);
}

function error(kind: ErrorKind, message: string, hint?: string): AuthError {
  return { kind, message, hint };
}
