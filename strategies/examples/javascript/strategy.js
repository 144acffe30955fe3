// The strategy `stages`: the first variable that is set in a chain, one chain for each
// deployment stage, from the options of the profile. The variable that the profile
// names comes last.
//
//   [profiles.corp.options]
//   stage = "dev"
//   dev = "CORP_DEV_KEY, CORP_SHARED_KEY"
//
// Grant the variables of the chains too: list them under env in [strategies.stages].
// The strategy never sees a key: it takes a variable as a secret, and returns its name.

import * as environment from 'orchestration:auth/environment@0.2.0';

export const strategy = {
  describe() {
    return {
      authType: 'stages',
      version: '0.1.0',
      summary: 'the first key of a chain of variables, by deployment stage',
      // The options name the variables that it uses.
      environment: [],
    };
  },

  getCredentials({ profile, explicitKey }) {
    if (explicitKey) {
      return credentials('explicit', { tag: 'explicit' });
    }
    const variables = chain(profile);
    const variable = variables.find((variable) => take(variable, 'key'));
    if (variable) {
      return credentials('key', { tag: 'environment', val: variable });
    }
    if (variables.length === 0) {
      throw error('missing', 'the profile names no variable', 'give it api_key_env, or a stage');
    }
    throw error('missing', `none of ${variables.join(', ')} is set`, 'set one of them');
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

// The variables to try, in order.
function chain({ options, apiKeyEnv }) {
  const settings = new Map(options);
  const stage = settings.get('stage');
  const listed = stage === undefined ? '' : settings.get(stage);
  if (listed === undefined) {
    throw error('unsupported', `the options have no chain for the stage '${stage}'`);
  }
  const variables = listed.split(',').map((variable) => variable.trim());
  return [...variables, apiKeyEnv].filter((variable) => variable);
}

// The credential `api_key`, whose text is this secret.
function credentials(secret, source) {
  return { values: [['api_key', secret]], source };
}

// Makes the value of a variable the secret `name`; false if it has none.
function take(variable, name) {
  try {
    return environment.take(variable, name) === 'set';
  } catch (failed) {
    if (failed.payload === 'denied') {
      throw error('denied', `${variable} is not granted`);
    }
    throw error('invalid', `${variable} is not Unicode`);
  }
}

function error(kind, message, hint) {
  return { kind, message, hint };
}
