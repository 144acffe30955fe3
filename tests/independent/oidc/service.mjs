// What service accounts and workloads need of the provider: clients that sign with a key,
// and the grant of RFC 7523. The signatures are verified by jose, which others wrote.
//
// Their keys are made here and written to the directory KEYS, in each format that there is,
// and so are two tokens of a workload, one for each way to show it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  SignJWT, exportJWK, exportPKCS8, generateKeyPair, importJWK, jwtVerify, decodeProtectedHeader,
} from 'jose';
import { errors } from 'oidc-provider';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The account in Google's file. */
const ACCOUNT = 'robot@project.iam.corp.example';

/** Clients that authenticate with their secret, in the way that is their name. */
const GATEWAYS = ['client_secret_basic', 'client_secret_post'];

/** Makes the keys and the tokens, and returns the public keys. */
export async function keys(directory, issuer) {
  const made = async (algorithm, name, write) => {
    const pair = await generateKeyPair(algorithm, { extractable: true });
    await write(pair.privateKey);
    return { ...await exportJWK(pair.publicKey), kid: name, alg: algorithm };
  };
  const file = (name, text) => writeFileSync(join(directory, name), text, { mode: 0o600 });
  const pem = (name) => async (key) => file(name, await exportPKCS8(key));
  const google = async (key) => file('google.json', JSON.stringify({
    type: 'service_account',
    project_id: 'project',
    private_key_id: 'google',
    private_key: await exportPKCS8(key),
    client_email: ACCOUNT,
    token_uri: 'https://elsewhere.example/token',
  }));
  const workload = (key, name, claims) => new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: 'workload' })
    .setAudience(`${issuer}/token`).setIssuedAt().setExpirationTime('5m').setJti(name)
    .sign(key)
    .then((token) => file(`${name}.jwt`, token));
  return [
    await made('RS256', 'workload', async (key) => {
      await workload(key, 'assertion', { iss: ACCOUNT });
      await workload(key, 'client', { iss: 'service', sub: 'service' });
      for (const client of GATEWAYS) await workload(key, client, { iss: ACCOUNT });
    }),
    await made('RS256', 'google', google),
    await made('RS256', 'new', async (key) => file('new.json', JSON.stringify({
      private_key_id: 'new', private_key: await exportPKCS8(key), client_email: ACCOUNT,
    }))),
    await made('RS256', 'rsa', pem('rsa.pem')),
    await made('ES256', 'ec', async (key) => {
      file('ec.jwk', JSON.stringify({ ...await exportJWK(key), kid: 'ec' }));
    }),
    await made('EdDSA', 'ed', pem('ed.pem')),
  ];
}

/** The client that signs: by itself, or for the account of Google's file. */
export const clients = (keys) => [{
  client_id: 'service',
  grant_types: ['client_credentials', GRANT],
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'private_key_jwt',
  scope: 'llm',
  jwks: { keys },
}, {
  client_id: 'robot',
  grant_types: [GRANT],
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'none',
}, ...GATEWAYS.map((method) => ({
  client_id: method,
  client_secret: `secret-of-${method}-0123456789`,
  grant_types: [GRANT],
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: method,
}))];

/** Lets the provider take assertions, each once. */
export function register(provider, keys) {
  const seen = new Set();
  provider.registerGrantType(GRANT, async (context) => {
    const { assertion } = context.oidc.params;
    const endpoint = `${provider.issuer}/token`;
    let claims;
    try {
      const { kid, alg } = decodeProtectedHeader(assertion);
      const known = keys.find((key) => key.kid === kid && key.alg === alg);
      if (!known) throw new Error(`no key ${kid} for ${alg}`);
      claims = (await jwtVerify(assertion, await importJWK(known, alg), {
        audience: endpoint, maxTokenAge: 600, requiredClaims: ['iss', 'exp', 'iat', 'jti'],
      })).payload;
      if (claims.exp - claims.iat > 3600) throw new Error('it lasts too long');
      if (seen.has(claims.jti)) throw new Error('it was used before');
      seen.add(claims.jti);
      // As Google does, which knows the account by what its file says.
      const client = context.oidc.client.clientId;
      if (client === 'robot' && claims.iss !== ACCOUNT) throw new Error(`the account ${claims.iss}`);
      if (client === 'robot' && 'sub' in claims) throw new Error('the account acts for nobody');
    } catch (error) {
      throw new errors.InvalidGrant(error.message);
    }
    const { kid } = decodeProtectedHeader(assertion);
    console.log(`asserted by ${claims.iss} for ${claims.sub ?? 'itself'} with ${kid}: ${claims.scope}`);
    const token = new provider.ClientCredentials({ client: context.oidc.client });
    const value = await token.save();
    context.body = { access_token: value, token_type: 'Bearer', expires_in: token.expiration };
  }, ['assertion', 'scope']);

  // The account of an assertion is no client at Google, so that nothing else says who asks.
  provider.use(async (context, next) => {
    if (context.path === '/token') {
      const parts = [];
      for await (const part of context.req) parts.push(part);
      const form = new URLSearchParams(Buffer.concat(parts).toString());
      const isKnown = form.has('client_id') || context.headers.authorization;
      if (form.get('grant_type') === GRANT && !isKnown) form.set('client_id', 'robot');
      context.req.body = Object.fromEntries(form);
    }
    await next();
  });
}
