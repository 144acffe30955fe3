// The strategy `{{name}}`: the user signs in with a code on any device (RFC 8628), and stays
// signed in.
//
// It never sees a token. The host keeps the secrets of a call; the strategy says which
// part of an answer becomes which secret, and which secret goes into which request.

import * as http from 'orchestration:auth/http@0.2.0';
import * as store from 'orchestration:auth/store@0.2.0';

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

export const strategy = {
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
    const session = stored('load');
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
    const session = stored('load');
    if (!session?.secrets.includes('refresh')) {
      return;
    }
    const response = post(profile, TOKEN, [
      text('grant_type', 'refresh_token'),
      secret('refresh_token', 'refresh'),
    ]);
    if (read(response, '/error') === 'invalid_grant') {
      stored('forget');
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

export const signIn = {
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
    let response;
    try {
      response = post(profile, TOKEN, [
        text('grant_type', DEVICE_GRANT),
        secret('device_code', 'device_code'),
      ]);
    } catch (failed) {
      // A server that is away for a moment does not end the sign-in.
      if (failed.kind === 'unavailable') {
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
    const { secrets = [] } = stored('load') ?? {};
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
function credentials(secret, source, expiresAt) {
  return { values: [['api_key', secret]], source, expiresAt };
}

// The step, after which `resume` has the secret `device_code` again.
function next(step) {
  return { step, secrets: ['device_code'], notes: [] };
}

// Sends the fields to the server, and takes the tokens that it answers with.
function post({ name, issuer, options }, path, fields) {
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
    throw unanswered(failed.payload);
  }
}

// Saves the session with these secrets.
function save(response, now, secrets) {
  if (!response.taken.includes('access')) {
    throw refused(response);
  }
  const lasts = seconds(response, '/expires_in');
  // The times of the contract are numbers here. (Other engines than QuickJS use BigInt.)
  const expiresAt = lasts && now + lasts;
  stored('save', { secrets, notes: [], expiresAt });
}

// Calls a function of the store.
function stored(action, ...session) {
  try {
    return store[action](...session);
  } catch (failed) {
    throw error('internal', `cannot ${action} the session: ${failed.payload}`);
  }
}

// What was read at this pointer, if there was anything.
function read(response, pointer) {
  return new Map(response.read).get(pointer);
}

// What was read at this pointer, if it is a number of seconds.
function seconds(response, pointer) {
  const found = Number(read(response, pointer));
  return Number.isInteger(found) && found > 0 && found < 2 ** 32 ? found : undefined;
}

function text(name, val) {
  return [name, { tag: 'text', val }];
}

function secret(name, val) {
  return [name, { tag: 'secret', val }];
}

// The error of a request without an answer.
function unanswered(why) {
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
function refused(response) {
  const code = read(response, '/error');
  const kind = code && response.status < 500 ? 'invalid' : 'unavailable';
  const why = read(response, '/error_description') ?? code ?? `status ${response.status}`;
  return error(kind, `the server refused: ${why}`);
}

function error(kind, message, hint) {
  return { kind, message, hint };
}
