// An OpenID provider that others wrote (oidc-provider), on a free port of this machine.
// It prints its address, then a line for each grant, and ends with its standard input.
//
// ISSUER is the address of what stands before it, if something does.
//
// KEYS is where the keys of service accounts are written to, if any are wanted.
// ACCESS_SECONDS says how long access tokens last. Refresh tokens rotate: one that is used
// twice ends the whole grant, as RFC 9700 asks for.

import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import * as service from './service.mjs';

const seconds = Number(process.env.ACCESS_SECONDS ?? 3600);

const server = createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const address = `http://127.0.0.1:${server.address().port}`;
const issuer = process.env.ISSUER ?? address;

const keys = process.env.KEYS ? await service.keys(process.env.KEYS, issuer) : [];

const provider = new Provider(issuer, {
  clients: [...keys.length ? service.clients(keys) : [], {
    client_id: 'cli',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: [
      'authorization_code',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
    redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
    response_types: ['code'],
  }],
  scopes: ['openid', 'offline_access', 'llm'],
  claims: { openid: ['sub'], email: ['email'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@corp.example` }),
  }),
  features: {
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
  },
  rotateRefreshToken: true,
  ttl: { AccessToken: seconds, ClientCredentials: seconds, IdToken: 3600, RefreshToken: 86400, Grant: 86400, Session: 3600, Interaction: 3600, DeviceCode: 600, AuthorizationCode: 60 },
});

if (keys.length) service.register(provider, keys);

provider.on('grant.success', (context) => {
  console.log(`granted ${context.oidc.params.grant_type}`);
});
provider.on('grant.error', (context, error) => {
  console.log(`refused ${context.oidc.params?.grant_type}: ${error.error} ${error.error_detail ?? ''}`);
});
provider.on('grant.revoked', () => console.log('revoked'));
provider.on('server_error', (_, error) => console.log(`error ${error}`));

server.on('request', provider.callback());
console.log(address);
process.stdin.resume().on('end', () => process.exit());
