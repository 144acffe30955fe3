// The strategy `{{name}}`: an explicit key, or the key in the variable that the
// profile names.
//
// It never sees a key. The host keeps the secrets of a call; the strategy gives them
// names, and returns the name of the one that is the credential.

import * as environment from 'orchestration:auth/environment@0.2.0';
import type { EnvironmentError, Presence } from 'orchestration:auth/environment@0.2.0';
import type { AuthError, Credentials, ErrorKind, Source } from 'orchestration:auth/types@0.2.0';

export const strategy: typeof import('orchestration:auth/strategy@0.2.0') = {
  describe() {
    return {
      authType: '{{name}}',
      version: '0.1.0',
      summary: 'a key from the variable that the profile names',
      // Other variables that it uses.
      environment: [],
    };
  },

  getCredentials({ profile, explicitKey }) {
    if (explicitKey) {
      return credentials('explicit', { tag: 'explicit' });
    }
    const variable = profile.apiKeyEnv;
    if (!variable) {
      const hint = `add api_key_env to [profiles.${profile.name}]`;
      throw error('missing', 'the profile names no variable', hint);
    }
    take(variable, 'key');
    // Change this: which secret becomes the credential. If the server expects a prefix,
    // for example, make a secret that has it, and return that one:
    //
    //   import { concat } from 'orchestration:auth/secrets@0.2.0';
    //   concat([{ tag: 'text', val: 'corp-' }, { tag: 'secret', val: 'key' }], 'prefixed');
    return credentials('key', { tag: 'environment', val: variable });
  },

  refreshIfNeeded() {},

  isValid(request) {
    try {
      strategy.getCredentials(request);
      return true;
    } catch {
      return false;
    }
  },
};

// The credential `api_key`, whose text is this secret.
function credentials(secret: string, source: Source): Credentials {
  return { values: [['api_key', secret]], source };
}

// Makes the value of a variable the secret `name`.
function take(variable: string, name: string): void {
  let presence: Presence;
  try {
    presence = environment.take(variable, name);
  } catch (failed) {
    if ((failed as { payload: EnvironmentError }).payload === 'denied') {
      throw error('denied', `${variable} is not granted`);
    }
    throw error('invalid', `${variable} is not Unicode`);
  }
  if (presence !== 'set') {
    const hint = `set it with: export ${variable}=your-key-here`;
    throw error('missing', `${variable} is not set`, hint);
  }
}

function error(kind: ErrorKind, message: string, hint?: string): AuthError {
  return { kind, message, hint };
}
