import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_FILE_LENGTH } from './document.ts'
import { formatFault } from './fault.ts'
import { loadConfig } from './load.ts'

const files: Record<string, string> = { 'secret.txt': `${'0123456789abcdef'.repeat(4)}\n`, 'crlf.txt': 'one\r\n' }
const sources = {
  environment: { PORT: '9500', EMPTY: '', TRICK: '${file:secret.txt}', SECRET: 'sesame' },
  readFile: (path: string) => {
    const text = files[path]
    return text === undefined ? { problem: 'does not exist: create it' } : { text }
  },
}

function faultsOf(text: string): string[] {
  const loaded = loadConfig(text, sources)
  return loaded.ok ? [] : loaded.error.map((fault) => formatFault('permitry.yaml', fault))
}

function load(text: string) {
  const loaded = loadConfig(text, sources)
  assert.ok(loaded.ok, JSON.stringify(loaded))
  return loaded.value
}

const HEAD = 'version: 1\nissuer: http://localhost:9400\n'

test('a file with nothing but a version and an issuer is a configuration, with every default filled in', () => {
  assert.deepEqual(load(HEAD), {
    version: 1,
    issuer: 'http://localhost:9400',
    trusted_proxies: [],
    extra_ca_certificates: [],
    signing_keys: { rotate_days: 90 },
    dynamic_clients: { documents: true, registration: true, public: true, allowed_hosts: [], blocked_hosts: [] },
    dpop: { nonces: 'bound_clients' },
    servers: [],
    roles: [],
    groups: [],
    users: [],
    clients: [],
  })
})

test('the configuration of the vet clinic is understood', () => {
  const config = load(`${HEAD}
servers:
  - id: vetassist
    identifier: mcp://vetassist
    name: VetAssist
    urls: [http://localhost:9401/mcp]
    default_scopes: ['pet-profile:read']
    scopes:
      - { name: 'pet-profile:read', title: See pet profiles, risk: read }
      - { name: 'pet-profile:write', title: Change pet profiles, risk: write, implies: ['pet-profile:read'] }
    tools:
      - { name: list_pets, scopes: ['pet-profile:read'] }
roles:
  - { id: pet-owner, name: Pet Owner, scopes: { vetassist: ['pet-profile:read'] } }
groups:
  - { id: clients-of-the-clinic, name: Clients of the clinic, roles: [pet-owner] }
users:
  - { id: usr_bob, username: bob, name: Bob, email: bob@example.com, password: bob-vet-demo, groups: [clients-of-the-clinic] }
clients:
  - id: vet-assist-ai
    name: Vet Assist AI
    auth: client_secret_basic
    secret: \${file:secret.txt}
    redirect_uris: [http://localhost:9402/callback]
    servers: { vetassist: all }
`)
  assert.deepEqual(config.servers[0]?.tools, [{ name: 'list_pets', scopes: ['pet-profile:read'] }])
  assert.equal(config.servers[0]?.dynamic_client_scopes, 'all')
  assert.deepEqual(config.clients[0]?.post_logout_redirect_uris, [])
  assert.equal(config.clients[0]?.secret, '0123456789abcdef'.repeat(4))
  assert.deepEqual(config.clients[0]?.servers, { vetassist: 'all' })
})

test('variables, defaults and files are put into values, and what comes in is not expanded again', () => {
  const nameOf = (text: string) => load(`${HEAD}groups:\n  - { id: g, name: "${text}" }\n`).groups[0]?.name
  assert.equal(load('version: 1\nissuer: http://localhost:${PORT}\n').issuer, 'http://localhost:9500')
  assert.equal(load('version: 1\nissuer: http://localhost:${OTHER:-9400}\n').issuer, 'http://localhost:9400')
  assert.equal(nameOf('${EMPTY:-fallback}'), 'fallback')
  assert.equal(nameOf('${file:crlf.txt}'), 'one')
  assert.equal(nameOf('a ${PORT} b ${PORT}'), 'a 9500 b 9500')
  assert.equal(nameOf('${TRICK}'), '${file:secret.txt}')
  assert.equal(nameOf('$${PORT}'), '${PORT}')
})

test('keys are never expanded', () => {
  assert.deepEqual(faultsOf(`${HEAD}"\${PORT}": x\n`), [
    'permitry.yaml:3:1: unknown key `${PORT}`: known here are version, name, issuer, trusted_proxies, signing_keys, dynamic_clients, extra_ca_certificates, dpop, servers, roles, groups, users, clients',
  ])
})

const unreadable: Record<string, [text: string, faults: string[]]> = {
  'an empty file': [
    '',
    ['permitry.yaml:1:1: `version`: write `version: 1`', 'permitry.yaml:1:1: `issuer`: it is missing: write it'],
  ],
  'a file that is a list': ['- a\n', ['permitry.yaml:1:1: the file: it must be a mapping of keys to values']],
  'a key that stands twice': [
    `${HEAD}version: 1\n`,
    ['permitry.yaml:3:1: the key stands twice in one mapping: keep one of the two'],
  ],
  'two documents': [
    `${HEAD}---\nversion: 1\n`,
    ['permitry.yaml:3:1: a second document begins: keep one document in the file'],
  ],
  'anchors and aliases': [
    `${HEAD}groups:\n  - { id: a, name: &n Staff }\n  - { id: b, name: *n }\n`,
    [
      'permitry.yaml:4:23: anchors and aliases are not read here: write the value out',
      'permitry.yaml:5:20: anchors and aliases are not read here: write the value out',
    ],
  ],
  'a tag': [
    `${HEAD}groups:\n  - { id: a, name: !secret Staff }\n`,
    ['permitry.yaml:4:20: tags are not read here: write the value without `!`'],
  ],
  'a list as a key': [
    `${HEAD}? [a]\n: b\n`,
    ['permitry.yaml:3:3: a key must be a plain word: lists and mappings cannot be keys'],
  ],
  'a tab for indentation': [`${HEAD}groups:\n\t- a\n`, ['permitry.yaml:4:1: a tab indents this line: use spaces']],
  'an expansion without quotes inside brackets': [
    `${HEAD}trusted_proxies: [\${PROXY}]\n`,
    [
      'permitry.yaml:3:20: missing , or : between flow sequence items: inside [ ] and { } put quotes around a value with ${…}',
    ],
  ],
  'a text that never ends': [`${HEAD}groups: "x\n`, ['permitry.yaml:4:1: missing closing "quote: correct the YAML']],
  'a file that is too large': [
    `# ${'x'.repeat(MAX_FILE_LENGTH)}`,
    ['permitry.yaml:1:1: the file is longer than 1048576 characters: split what it declares over tenants'],
  ],
}

for (const [name, [text, faults]] of Object.entries(unreadable))
  test(`refused with line and advice: ${name}`, () => assert.deepEqual(faultsOf(text), faults))

test('a missing variable, a missing file and what is no expansion are faults at their line', () => {
  const text = `version: 1
issuer: \${ISSUER}
groups:
  - { id: a, name: '\${EMPTY}' }
  - { id: b, name: '\${file:none.txt}' }
  - { id: c, name: '\${file:}' }
  - { id: d, name: '\${1X}' }
  - { id: e, name: '\${A:-\${B}}' }
  - { id: f, name: 'open \${PORT' }
`
  assert.deepEqual(faultsOf(text), [
    'permitry.yaml:2:9: the environment variable `ISSUER` is not set: set it, or give a default with ${ISSUER:-default}',
    'permitry.yaml:4:20: the environment variable `EMPTY` is not set: set it, or give a default with ${EMPTY:-default}',
    'permitry.yaml:5:20: the file `none.txt` does not exist: create it',
    'permitry.yaml:6:20: `${file:}` names no file: write ${file:path}',
    'permitry.yaml:7:20: `${1X}` is no expansion: write ${NAME}, ${NAME:-default} or ${file:path}',
    'permitry.yaml:8:20: an expansion is not closed or stands in another one: write ${NAME}, ${NAME:-default} or ${file:path}',
    'permitry.yaml:9:20: an expansion is not closed or stands in another one: write ${NAME}, ${NAME:-default} or ${file:path}',
  ])
})

test('wrong shapes are told with the field, all at once, together with wrong references', () => {
  const text = `version: 2
issuer: http://localhost:9400
tenants: []
servers:
  - id: vet assist
    identifier: 7
    name:
    access_token_minutes: 61
    claims: [groups]
    dynamic_client_scopes: some
    scopes:
      - { name: 'a b', title: A, risk: low }
roles:
  - { name: Nobody, scopes: [] }
users:
  - { id: usr_bob, username: bob, name: Bob, email: bob, password: 12345678, roles: [pet-owner], colour: red, size: 1 }
clients:
  - { id: app, name: App, auth: none, redirect_uris: [], servers: { 'vet assist': all } }
`
  assert.deepEqual(faultsOf(text), [
    'permitry.yaml:1:10: `version`: write `version: 1`',
    'permitry.yaml:3:1: unknown key `tenants`: known here are version, name, issuer, trusted_proxies, signing_keys, dynamic_clients, extra_ca_certificates, dpop, servers, roles, groups, users, clients',
    'permitry.yaml:5:9: `id`: an id has 1 to 64 letters, digits, `.`, `_` or `-`, and begins with a letter or digit',
    'permitry.yaml:6:17: `identifier`: it must be text: put quotes around it',
    'permitry.yaml:7:10: `name`: it is empty: write a value, or leave the key out',
    'permitry.yaml:8:27: `access_token_minutes`: write at most 60 minutes',
    'permitry.yaml:9:14: `claims[0]`: it must be one of roles',
    'permitry.yaml:10:28: `dynamic_client_scopes`: write `all` or a list of scopes',
    'permitry.yaml:12:17: `name`: a scope has no spaces, quotes, backslashes or characters outside ASCII',
    'permitry.yaml:12:40: `risk`: it must be one of read, write, destructive',
    'permitry.yaml:14:5: `id`: it is missing: write it',
    'permitry.yaml:14:29: `scopes`: it must be a mapping of keys to values',
    'permitry.yaml:16:53: `email`: write an email address',
    'permitry.yaml:16:68: `password`: it must be text: put quotes around it',
    'permitry.yaml:16:98: unknown key `colour`: known here are id, username, name, email, password, password_hash, roles, groups',
    'permitry.yaml:16:111: unknown key `size`: known here are id, username, name, email, password, password_hash, roles, groups',
    'permitry.yaml:18:69: the key `vet assist` is not usable: an id has 1 to 64 letters, digits, `.`, `_` or `-`, and begins with a letter or digit',
  ])
})

test('no message quotes a value that came from a variable or a file', () => {
  const text = `version: 1
issuer: \${SECRET}
trusted_proxies: ['\${SECRET}']
servers:
  - { id: s, identifier: 'mcp://s', name: S, default_scopes: ['\${SECRET}'] }
groups:
  - { id: '\${SECRET}', name: A }
  - { id: '\${SECRET}', name: B, roles: ['\${SECRET}'] }
users:
  - { id: usr_bob, username: bob, name: Bob, password: 'sesame', password_hash: '\${SECRET}' }
clients:
  - { id: app, name: App, auth: client_secret_basic, secret: '\${SECRET}', redirect_uris: ['\${SECRET}'] }
`
  const faults = faultsOf(text)
  assert.equal(faults.length, 10)
  assert.doesNotMatch(faults.join('\n'), /sesame/)
})
