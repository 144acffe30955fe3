// The strategy `{{name}}`: a key from the caller, or from the variable that the
// profile names.

import { get } from 'orchestration:auth/environment@0.1.0';

export const strategy = {
  describe() {
    return {
      authType: '{{name}}',
      version: '0.1.0',
      summary: 'a key from the variable that the profile names',
      // The variables that it reads besides that one.
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

// Change this: what a key looks like, and what is made of it.
function credentials(key, source) {
  if (key.length < 8) {
    throw error('invalid', 'the key is too short', 'a key has 8 characters or more');
  }
  return { values: [['api_key', key]], source };
}

// The variable's value; undefined where it is unset.
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

// A message never repeats a value: it may be a secret.
function error(kind, message, hint) {
  return { kind, message, hint };
}
