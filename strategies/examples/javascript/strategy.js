// The strategy `stages`: a chain of variables for each deployment stage, from the
// options of the profile; the variable that the profile names comes last.
//
//   [profiles.corp.options]
//   stage = "dev"
//   dev = "CORP_DEV_KEY, CORP_SHARED_KEY"
//
// The host grants what [strategies.stages] lists, so that has to name them too.

import { get } from 'orchestration:auth/environment@0.1.0';

export const strategy = {
  describe() {
    return {
      authType: 'stages',
      version: '0.1.0',
      summary: 'the first key of a chain of variables, by deployment stage',
      // Which ones it reads, the options say.
      environment: [],
    };
  },

  getCredentials({ profile, explicitKey }) {
    if (explicitKey) {
      return credentials(explicitKey, { tag: 'explicit' });
    }
    const names = chain(profile);
    for (const name of names) {
      const key = read(name);
      if (key) {
        return credentials(key, { tag: 'environment', val: name });
      }
    }
    if (names.length === 0) {
      throw error('missing', 'the profile names no variable', 'give it api_key_env, or a stage');
    }
    throw error('missing', `none of ${names.join(', ')} is set`, 'set one of them');
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

// The variables to look at, in their order.
function chain({ options, apiKeyEnv }) {
  const settings = new Map(options);
  const stage = settings.get('stage');
  const listed = stage === undefined ? '' : settings.get(stage);
  if (listed === undefined) {
    throw error('unsupported', `the options have no chain for the stage '${stage}'`);
  }
  const names = listed.split(',').map((name) => name.trim());
  return [...names, apiKeyEnv].filter((name) => name);
}

function credentials(key, source) {
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
