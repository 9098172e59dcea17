import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CHECKS } from './checks.ts'
import { formatFault } from './fault.ts'
import { loadConfig } from './load.ts'

const SERVER = 'servers:\n  - id: vetassist\n    identifier: mcp://vetassist\n    name: VetAssist\n'
const SCOPES = `    scopes:
      - { name: read, title: Read, risk: read }
      - { name: write, title: Write, risk: write }
`
const CLIENT = 'clients:\n  - id: app\n    name: App\n'
const REDIRECT = '    redirect_uris: [https://app.example/callback]\n'
const [AUTHORITY = '', HOST = '', HOST_KEY = ''] = ['ca.pem', 'host.pem', 'host.key.pem'].map((name) =>
  readFileSync(new URL(`../outbound/testing/${name}`, import.meta.url), 'utf8'),
)
const HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`

interface Case {
  readonly what: string
  readonly body: string
  readonly issuer?: string
  readonly faults: readonly string[]
}

/** The body follows two lines, `version` and `issuer`. */
const cases: Readonly<Record<string, readonly Case[]>> = {
  issuer: [
    {
      what: 'http on a host that is not loopback',
      issuer: 'http://auth.example.com',
      body: '',
      faults: ['2:9: the issuer may use http only on localhost, 127.0.0.1 or [::1]: use https'],
    },
    {
      what: 'a query',
      issuer: 'https://auth.example.com?a=b',
      body: '',
      faults: ['2:9: the issuer must not have a query or a fragment'],
    },
    {
      what: 'a slash at the end',
      issuer: 'https://auth.example.com/',
      body: '',
      faults: ['2:9: the issuer must not end in a slash: clients compare it character by character'],
    },
    {
      what: 'a path',
      issuer: 'https://example.com/auth',
      body: '',
      faults: ['2:9: the issuer must not have a path: give the authorization server a host name or a port of its own'],
    },
  ],
  'trusted proxies': [
    {
      what: 'no address, a range of everything, a prefix that is too long',
      body: "trusted_proxies: [localhost, 0.0.0.0/0, 10.0.0.0/33, '::1/129', 10.0.0.0/8/8]\n",
      faults: ['localhost', '0.0.0.0/0', '10.0.0.0/33', '::1/129', '10.0.0.0/8/8'].map(
        (text, index) =>
          `3:${[19, 30, 41, 54, 65][index]}: \`${text}\` is no address: write an IP address or a range such as 10.0.0.0/8`,
      ),
    },
  ],
  'extra CA certificates': [
    {
      what: 'text, a private key, the certificate of a host, and an authority beside a key',
      body: `extra_ca_certificates:${['ca.pem', HOST_KEY, HOST, AUTHORITY + HOST_KEY, AUTHORITY + AUTHORITY]
        .map((text) => `\n  - ${JSON.stringify(text)}`)
        .join('')}\n`,
      faults: [4, 5, 6, 7].map(
        (line) => `${line}:5: it is no certificate of an authority: write \${file:…} with a file in PEM form`,
      ),
    },
  ],
  'unique ids': [
    {
      what: 'two roles with one id',
      body: 'roles:\n  - { id: a, name: A }\n  - { id: a, name: B }\n',
      faults: ['5:11: the id `a` is taken: give each entry its own'],
    },
  ],
  'reserved ids': [
    {
      what: 'a server, a role and a client under ids that are built in',
      body: `servers: [{ id: permitry, identifier: mcp://x, name: X }]
roles: [{ id: permitry-owner, name: Owner }]
clients: [{ id: permitry-console, name: C, auth: none, redirect_uris: [https://c.example/] }]
`,
      faults: ['3:17: the id `permitry`', '4:15: the id `permitry-owner`', '5:17: the id `permitry-console`'].map(
        (begin) => `${begin} is kept for what is built in: choose another one`,
      ),
    },
  ],
  'server names': [
    {
      what: 'an identifier that is no resource',
      body: SERVER.replace('mcp://vetassist', 'vetassist'),
      faults: ['5:17: resource must be an absolute URI, such as `https://mcp.example.com/mcp`'],
    },
    {
      what: 'a URL that is none, and one without encryption',
      body: `${SERVER}    urls: ['mcp://other', 'http://vet.example/mcp']\n`,
      faults: [
        '7:12: a URL begins with https://: write other names as `identifier`',
        '7:27: tokens would cross the network readable: use https, or http on localhost, 127.0.0.1 or [::1]',
      ],
    },
    {
      what: 'one resource for two servers, letter case and slash aside',
      body: `${SERVER}    urls: [https://vet.example]\n  - { id: b, identifier: 'MCP://VetAssist', name: B, urls: ['https://VET.example/'] }\n`,
      faults: [
        '8:26: `MCP://VetAssist` already names server `vetassist`: a resource must lead to one server, so leave it out here',
        '8:61: `https://VET.example/` already names server `vetassist`: a resource must lead to one server, so leave it out here',
      ],
    },
    {
      what: 'the address of the authorization server itself',
      body: `${SERVER}    urls: [http://localhost:9400/]\n`,
      faults: [
        '7:12: `http://localhost:9400/` already names the authorization server: a resource must lead to one server, so leave it out here',
      ],
    },
  ],
  'reserved scopes': [
    {
      what: 'openid as a scope of a server',
      body: `${SERVER}    scopes: [{ name: openid, title: Read, risk: read }]\n`,
      faults: ['7:22: the scope `openid` belongs to OpenID Connect: choose another name'],
    },
  ],
  'server scopes': [
    {
      what: 'scopes and tools that are defined twice',
      body: `${SERVER}${SCOPES}      - { name: read, title: Again, risk: read }
    tools: [{ name: list_pets, scopes: [read] }, { name: list_pets, scopes: [] }]\n`,
      faults: [
        '10:17: the scope `read` is defined twice: keep one of the two',
        '11:58: the tool `list_pets` is defined twice: keep one of the two',
      ],
    },
    {
      what: 'scopes that nobody defined',
      body: `${SERVER}${SCOPES}      - { name: all, title: All, risk: write, implies: [reed] }
    default_scopes: [raed]
    dynamic_client_scopes: [read, dear]
    tools: [{ name: list_pets, scopes: [reda] }]\n`,
      faults: [
        '10:57: server `vetassist` has no scope `reed`: define it there, or use one of read, write, all',
        '11:22: server `vetassist` has no scope `raed`: define it there, or use one of read, write, all',
        '12:35: server `vetassist` has no scope `dear`: define it there, or use one of read, write, all',
        '13:41: server `vetassist` has no scope `reda`: define it there, or use one of read, write, all',
      ],
    },
  ],
  'implied scopes': [
    {
      what: 'a circle',
      body: `${SERVER}    scopes:
      - { name: a, title: A, risk: read, implies: [b] }
      - { name: b, title: B, risk: read, implies: [c] }
      - { name: c, title: C, risk: read, implies: [b] }\n`,
      faults: [
        '9:17: the scope `b` implies itself: break the circle in `implies`',
        '10:17: the scope `c` implies itself: break the circle in `implies`',
      ],
    },
  ],
  'role scopes': [
    {
      what: 'a server and a scope that nobody defined',
      body: `${SERVER}${SCOPES}roles:\n  - { id: owner, name: Owner, scopes: { vetasist: [read], vetassist: [reed] } }\n`,
      faults: [
        '11:41: server `vetasist` is not defined: define it under `servers`, or use one of vetassist',
        '11:71: server `vetassist` has no scope `reed`: define it there, or use one of read, write',
      ],
    },
  ],
  'group roles': [
    {
      what: 'a role that nobody defined',
      body: 'groups:\n  - { id: staff, name: Staff, roles: [nurse] }\n',
      faults: ['4:39: role `nurse` is not defined: define it under `roles`'],
    },
  ],
  'user references': [
    {
      what: 'a role and a group that nobody defined',
      body: 'roles: [{ id: vet, name: Vet }]\nusers:\n  - { id: u, username: u, name: U, roles: [vets], groups: [staff] }\n',
      faults: [
        '5:44: role `vets` is not defined: define it under `roles`, or use one of vet',
        '5:60: group `staff` is not defined: define it under `groups`',
      ],
    },
  ],
  'user names': [
    {
      what: 'two that differ in letter case',
      body: 'users:\n  - { id: u1, username: bob, name: Bob }\n  - { id: u2, username: BOB, name: Bob }\n',
      faults: ['5:25: the user name `BOB` belongs to `u1`, letter case aside: choose another one'],
    },
  ],
  passwords: [
    {
      what: 'a short one, one beside a hash, and a hash of another kind',
      body: `users:
  - { id: u1, username: a, name: A, password: fido }
  - { id: u2, username: b, name: B, password: bob-vet-demo, password_hash: '${HASH}' }
  - { id: u3, username: c, name: C, password_hash: '$2b$10$abc' }\n`,
      faults: [
        '4:47: the password is shorter than 8 characters: choose another one',
        '5:61: `password` and `password_hash` exclude each other: keep one',
        '6:52: the hash cannot be checked: write Argon2id in PHC form, beginning with `$argon2id$v=19$`',
      ],
    },
  ],
  'redirect URIs': [
    {
      what: 'http elsewhere, a custom scheme of a web client, a wildcard, one that stands twice',
      body: `${CLIENT}    auth: none
    redirect_uris: [http://app.example/cb, app://cb, 'https://*.example/cb', https://a.example, https://a.example]
    post_logout_redirect_uris: ['https://a.example/#x']\n`,
      faults: [
        '7:21: a redirect URI may use http only on localhost, 127.0.0.1 or [::1]: use https',
        '7:44: only native clients may use `app:`: use https, or register as `application_type` native',
        '7:54: a redirect URI must not have a wildcard: register each address in full',
        '7:97: `https://a.example` stands twice: keep one of the two',
        '8:33: a redirect URI must not have a fragment: leave out `#` and what follows',
      ],
    },
  ],
  'client combinations': [
    {
      what: 'a public client with a secret',
      body: `${CLIENT}    auth: none\n    secret: ${'0123456789abcdef'.repeat(4)}\n${REDIRECT}`,
      faults: ['7:5: a client with `auth: none` has no secret: leave it out, or choose client_secret_basic'],
    },
    {
      what: 'a confidential client without one',
      body: `${CLIENT}    auth: client_secret_post\n${REDIRECT}`,
      faults: [
        '4:5: a client with `auth: client_secret_post` needs a `secret`: write 256 generated bits, best as ${file:path}',
      ],
    },
    ...[
      'sesame',
      '0123456789abcdef'.repeat(3),
      'correct horse battery staple, said the cat to the dog',
      'abc'.repeat(30),
    ].map((secret) => ({
      what: `the secret \`${secret}\``,
      body: `${CLIENT}    auth: client_secret_basic\n    secret: ${secret}\n${REDIRECT}`,
      faults: [
        '7:13: the secret is not 256 generated bits in letters, digits, `-`, `_`, `.` or `~`: make one with `openssl rand -hex 32`',
      ],
    })),
    {
      what: 'a client that may only refresh',
      body: `${CLIENT}    auth: none\n    grant_types: [refresh_token]\n${REDIRECT}`,
      faults: ['7:18: a client needs `authorization_code`: a refresh token begins with a code'],
    },
    {
      what: 'a client that says nothing of how it authenticates',
      body: `${CLIENT}${REDIRECT}`,
      faults: ['4:5: a client needs `auth`, how it authenticates: write it, or a `template` that says it'],
    },
    {
      what: 'codes that are sent nowhere',
      body: `${CLIENT}    auth: none\n`,
      faults: ['4:5: write at least one redirect URI: codes are sent nowhere else'],
    },
    {
      what: 'private_key_jwt without keys, and with two sources of them',
      body: `${CLIENT}    auth: private_key_jwt\n${REDIRECT}  - { id: b, name: B, auth: private_key_jwt, redirect_uris: [https://b.example], jwks: { keys: [] }, jwks_uri: 'https://b.example/keys' }\n`,
      faults: [
        '4:5: a client with `auth: private_key_jwt` needs its public keys: write `jwks` or `jwks_uri`, one of the two',
        '8:88: no key can sign by one of ES256, ES384, ES512, EdDSA, Ed25519, RS256, PS256',
        '8:112: a client with `auth: private_key_jwt` needs its public keys: write `jwks` or `jwks_uri`, one of the two',
      ],
    },
    {
      what: 'keys of a client that does not authenticate by them, and keys that nobody fetches',
      body: `${CLIENT}    auth: none\n    jwks_uri: https://app.example/keys\n${REDIRECT}  - { id: b, name: B, auth: private_key_jwt, redirect_uris: [https://b.example], jwks_uri: 'http://b.example/keys' }\n`,
      faults: [
        '7:5: only a client with `auth: private_key_jwt` has `jwks_uri`: leave it out, or change `auth`',
        '9:92: keys are fetched by https: write an https URL without user name and fragment',
      ],
    },
    {
      what: 'a public client that would act for itself or guard an MCP server, and roles of one that does not',
      body: `${SERVER}${CLIENT}    auth: none\n    grant_types: [authorization_code, client_credentials]\n    guards: [vetassist]\n${REDIRECT}  - { id: b, name: B, auth: none, redirect_uris: [https://b.example], roles: [] }\n`,
      faults: [
        '11:18: `client_credentials` is for clients that authenticate: choose another `auth` than none',
        '12:13: whoever guards an MCP server authenticates: choose another `auth` than none',
        '14:71: only a client with `client_credentials` has `roles`: people bring their own roles',
      ],
    },
    {
      what: 'a client for nothing',
      body: `${CLIENT}    auth: client_secret_basic\n    secret: ${'0123456789abcdef'.repeat(4)}\n    grant_types: []\n`,
      faults: ['8:18: a client without grant types can only be the credential of an MCP server: write `guards`'],
    },
    {
      what: 'what a template does not allow',
      body: `${CLIENT}    template: native-app\n    type: web\n    auth: client_secret_basic\n    secret: ${'0123456789abcdef'.repeat(4)}\n    grant_types: [authorization_code, client_credentials]\n${REDIRECT}`,
      faults: [
        '7:11: a client of the template `native-app` cannot have `type: web`: use native, or another template',
        '8:11: a client of the template `native-app` cannot have `auth: client_secret_basic`: use none, or another template',
        '10:18: a client of the template `native-app` cannot have `grant_types: client_credentials`: use authorization_code or refresh_token, or another template',
      ],
    },
    {
      what: 'an agent without owner, whose redirect URI is of no use',
      body: `${CLIENT}    template: agent\n    jwks_uri: https://app.example/keys\n${REDIRECT}`,
      faults: [
        '4:5: a client of the template `agent` needs an `owner`: name the person who answers for it',
        '8:20: codes are sent to redirect URIs, and this client gets none: leave them out, or add `authorization_code`',
      ],
    },
  ],
  'client servers': [
    {
      what: 'a server and a scope that nobody defined',
      body: `${SERVER}${SCOPES}${CLIENT}    auth: none\n${REDIRECT}    servers: { vetassist: [reed], gateway: all }\n`,
      faults: [
        '15:28: server `vetassist` has no scope `reed`: define it there, or use one of read, write',
        '15:35: server `gateway` is not defined: define it under `servers`, or use one of vetassist',
      ],
    },
    {
      what: 'an MCP server to ask for that nobody defined',
      body: `${CLIENT}    template: machine\n    secret: ${'0123456789abcdef'.repeat(4)}\n    guards: [vet]\n`,
      faults: ['8:14: server `vet` is not defined: define it under `servers`'],
    },
  ],
  agents: [
    {
      what: 'an id that a person has, a role and an owner that nobody defined',
      body: `users: [{ id: app, username: app, name: App }]\n${CLIENT}    template: agent\n    jwks_uri: https://app.example/keys\n    roles: [vet]\n    owner: usr_bob\n`,
      faults: [
        '5:9: `app` is a person under `users`: a client that acts for itself needs an id of its own',
        '9:13: role `vet` is not defined: define it under `roles`',
        '10:12: user `usr_bob` is not defined: define it under `users`, or use one of app',
      ],
    },
  ],
}

function faultsOf({ issuer = 'http://localhost:9400', body }: Case): string[] {
  const text = `version: 1\nissuer: ${issuer}\n${body}`
  const loaded = loadConfig(text, { environment: {}, readFile: () => ({ problem: 'does not exist' }) })
  return loaded.ok ? [] : loaded.error.map((fault) => formatFault('', fault).slice(1))
}

for (const [check, rows] of Object.entries(cases))
  for (const row of rows) test(`${check}: refused: ${row.what}`, () => assert.deepEqual(faultsOf(row), row.faults))

test('each check has a case that it alone refuses', () => {
  assert.deepEqual(
    CHECKS.map(([name]) => name),
    Object.keys(cases),
  )
})

test('what is right passes every check', () => {
  const body = `trusted_proxies: [127.0.0.1, 10.0.0.0/8, '::1', 'fd00::/8']
${SERVER}    urls: [http://localhost:9401/mcp, https://vet.example/mcp]
    default_scopes: [read]
    dynamic_client_scopes: [read]
${SCOPES}      - { name: all, title: All, risk: destructive, implies: [read, write] }
roles: [{ id: vet, name: Vet, scopes: { vetassist: [all] } }]
groups: [{ id: staff, name: Staff, roles: [vet] }]
users: [{ id: u, username: u, name: U, password_hash: '${HASH}', roles: [vet], groups: [staff] }]
${CLIENT}    auth: none
    type: native
    redirect_uris: ['http://127.0.0.1/callback', 'cursor://callback']
    servers: { vetassist: [read, all] }
  - { id: job, name: Job, template: machine, secret: ${'0123456789abcdef'.repeat(4)}, roles: [vet], guards: [vetassist] }
  - { id: tidy, name: Tidy, template: agent, jwks_uri: 'https://tidy.example/keys', owner: u, servers: { vetassist: all } }
  - { id: web, name: Web, template: web-app, secret: ${'0123456789abcdef'.repeat(4)}, redirect_uris: [https://web.example] }
  - { id: code, name: Code, template: mcp-client, redirect_uris: ['http://127.0.0.1/callback'] }
`
  assert.deepEqual(faultsOf({ what: '', body, faults: [] }), [])
})
