// The strategy `{{name}}`: the user signs in with a code on any device (RFC 8628), and stays
// signed in.
//
// It never sees a token. The host keeps the secrets of a call; the strategy says which
// part of an answer becomes which secret, and which secret goes into which request.

import * as http from 'orchestration:auth/http@0.2.0';
import type { HttpError, Response } from 'orchestration:auth/http@0.2.0';
import type { Next, Step } from 'orchestration:auth/sign-in@0.2.0';
import * as store from 'orchestration:auth/store@0.2.0';
import type { Session, StoreError } from 'orchestration:auth/store@0.2.0';
import type {
  AuthError,
  Credentials,
  ErrorKind,
  Part,
  Profile,
  Source,
} from 'orchestration:auth/types@0.2.0';

// Change these: where your server answers, below the `issuer` of the profile, and what
// the token is for.
const DEVICE = '/device/code';
const TOKEN = '/token';
const REVOKE = '/revoke';
const SCOPE = 'llm';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

// The seconds between two questions, and those that a code lasts, if the server names none.
const INTERVAL = 5;
const LASTS = 600;

type Field = [name: string, value: Part];

export const strategy: typeof import('orchestration:auth/strategy@0.2.0') = {
  describe() {
    return {
      authType: '{{name}}',
      version: '0.1.0',
      summary: 'signs in with a code, and renews the session',
      // Variables that it uses.
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
    const { secrets, expiresAt } = session;
    const expired = expiresAt !== undefined && expiresAt <= now;
    if (secrets.includes('access') && !expired) {
      return credentials('access', { tag: 'session' }, expiresAt);
    }
    if (secrets.includes('refresh')) {
      throw error('renewable', 'the access token has expired');
    }
    throw error('expired', 'the session has ended');
  },

  // The host calls this when the access token is about to end.
  refreshIfNeeded({ profile, now }) {
    if (!load()?.secrets.includes('refresh')) {
      return;
    }
    const response = post(profile, TOKEN, [
      text('grant_type', 'refresh_token'),
      secret('refresh_token', 'refresh'),
    ]);
    if (read(response, '/error') === 'invalid_grant') {
      kept('forgotten', store.forget);
      throw error('expired', 'the session has ended');
    }
    // The old refresh token stays under its name, unless the server sent a new one.
    save(response, now, ['access', 'refresh']);
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
    const response = post(profile, DEVICE, [text('scope', SCOPE)]);
    const code = read(response, '/user_code');
    const address = read(response, '/verification_uri');
    if (!code || !address || !response.taken.includes('device_code')) {
      throw refused(response);
    }
    return next({
      tag: 'show',
      val: {
        address,
        complete: read(response, '/verification_uri_complete'),
        code,
        interval: seconds(response, '/interval') ?? INTERVAL,
        lasts: seconds(response, '/expires_in') ?? LASTS,
      },
    });
  },

  resume({ profile, now }) {
    let response: Response;
    try {
      response = post(profile, TOKEN, [
        text('grant_type', DEVICE_GRANT),
        secret('device_code', 'device_code'),
      ]);
    } catch (failed) {
      // A server that is away for a moment does not end the sign-in.
      if ((failed as AuthError).kind === 'unavailable') {
        return next({ tag: 'wait', val: INTERVAL });
      }
      throw failed;
    }
    switch (read(response, '/error')) {
      case 'authorization_pending':
        return next({ tag: 'wait', val: 0 });
      case 'slow_down':
        return next({ tag: 'wait', val: INTERVAL });
      case 'expired_token':
        throw error('expired', 'the code has ended');
    }
    save(response, now, response.taken);
    return { step: { tag: 'done' }, secrets: [], notes: [] };
  },

  end({ profile }) {
    const secrets = load()?.secrets ?? [];
    const token = ['refresh', 'access'].find((name) => secrets.includes(name));
    if (token) {
      const response = post(profile, REVOKE, [secret('token', token)]);
      if (response.status !== 200) {
        throw refused(response);
      }
    }
  },
};

// The credential `api_key`, whose text is this secret.
function credentials(secret: string, source: Source, expiresAt?: bigint): Credentials {
  return { values: [['api_key', secret]], source, expiresAt };
}

// The step, after which `resume` has the secret `device_code` again.
function next(step: Step): Next {
  return { step, secrets: ['device_code'], notes: [] };
}

// Sends the fields to the server, and takes the tokens that it answers with.
function post({ name, issuer, options }: Profile, path: string, fields: Field[]): Response {
  const client = new Map(options).get('client_id');
  if (!issuer || !client) {
    const hint = `add issuer and options.client_id to [profiles.${name}]`;
    throw error('unsupported', 'the profile names no server to sign in to', hint);
  }
  try {
    return http.send({
      method: 'POST',
      url: issuer + path,
      headers: [],
      encoding: 'form',
      fields: [text('client_id', client), ...fields],
      read: [
        '/error',
        '/error_description',
        '/expires_in',
        '/interval',
        '/user_code',
        '/verification_uri',
        '/verification_uri_complete',
      ],
      take: [
        ['/access_token', 'access'],
        ['/refresh_token', 'refresh'],
        ['/device_code', 'device_code'],
      ],
    });
  } catch (failed) {
    throw unanswered((failed as { payload: HttpError }).payload);
  }
}

function load(): Session | undefined {
  return kept('loaded', store.load);
}

// Saves the session with these secrets.
function save(response: Response, now: bigint, secrets: string[]): void {
  if (!response.taken.includes('access')) {
    throw refused(response);
  }
  const lasts = seconds(response, '/expires_in');
  const expiresAt = lasts === undefined ? undefined : time(Number(now) + lasts);
  kept('saved', () => store.save({ secrets, notes: [], expiresAt }));
}

// Calls the store.
function kept<T>(action: string, call: () => T): T {
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

// What was read at this pointer, if it is a number of seconds.
function seconds(response: Response, pointer: string): number | undefined {
  const found = Number(read(response, pointer));
  return Number.isInteger(found) && found > 0 && found < 2 ** 32 ? found : undefined;
}

// A time of the contract. QuickJS takes and passes it as a number, although the generated
// types say bigint, as other engines have it.
function time(seconds: number): bigint {
  return seconds as unknown as bigint;
}

function text(name: string, val: string): Field {
  return [name, { tag: 'text', val }];
}

function secret(name: string, val: string): Field {
  return [name, { tag: 'secret', val }];
}

// The error of a request without an answer.
function unanswered(why: HttpError): AuthError {
  switch (why) {
    case 'denied':
      return error('denied', 'the server is not granted');
    case 'malformed':
    case 'no-secret':
    case 'offline':
      return error('internal', `the request cannot be sent: ${why}`);
    default:
      return error('unavailable', `the server gave no answer: ${why}`);
  }
}

// The error of an answer that is a refusal, or is not what was asked for.
function refused(response: Response): AuthError {
  const code = read(response, '/error');
  const kind = code && response.status < 500 ? 'invalid' : 'unavailable';
  const why = read(response, '/error_description') ?? code ?? `status ${response.status}`;
  return error(kind, `the server refused: ${why}`);
}

function error(kind: ErrorKind, message: string, hint?: string): AuthError {
  return { kind, message, hint };
}
