// The strategy `{{name}}`: an explicit key, or the key in the variable that the
// profile names.

import { get } from 'orchestration:auth/environment@0.1.0';

export const strategy = {
  describe() {
    return {
      authType: '{{name}}',
      version: '0.1.0',
      summary: 'a key from the variable that the profile names',
      // Other variables that it reads.
      environment: [],
    };
  },

  getCredentials({ profile, explicitKey }) {
    if (explicitKey) {
      return credentials(explicitKey, { tag: 'explicit' });
    }
    const name = profile.apiKeyEnv;
    if (!name) {
      const hint = `add api_key_env to [profiles.${profile.name}]`;
      throw error('missing', 'the profile names no variable', hint);
    }
    const key = read(name);
    if (!key) {
      const hint = `set it with: export ${name}=your-key-here`;
      throw error('missing', `${name} is not set`, hint);
    }
    return credentials(key, { tag: 'environment', val: name });
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

// Change this: what a valid key looks like, and which credential it becomes.
function credentials(key, source) {
  if (key.length < 8) {
    throw error('invalid', 'the key is too short', 'a key has 8 characters or more');
  }
  return { values: [['api_key', key]], source };
}

// The variable's value, or undefined if it is unset.
function read(name) {
  try {
    return get(name);
  } catch (failed) {
    if (failed.payload === 'denied') {
      throw error('denied', `${name} is not granted`);
    }
    throw error('invalid', `${name} is not Unicode`);
  }
}

// A message must not contain a value, which may be a secret.
function error(kind, message, hint) {
  return { kind, message, hint };
}
