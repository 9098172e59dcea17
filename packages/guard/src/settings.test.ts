import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { guard, objectRule, where, type GuardOptions } from './index.ts'

const good: GuardOptions = {
  issuer: 'https://auth.example.com',
  resource: 'https://mcp.example.com/mcp',
  defaultScopes: ['a:read'],
  tools: { list: 'a:read' },
}

const privateKey = { kty: 'OKP', crv: 'Ed25519', x: 'AA', d: 'AA', kid: 'k1', alg: 'EdDSA' }

/** Options as JavaScript could pass them. */
function make(change: Record<string, unknown>): () => unknown {
  return () => guard({ ...good, ...change } as GuardOptions)
}

test('good options make a guard', () => {
  assert.equal(typeof guard(good), 'function')
  make({
    issuer: 'http://localhost:9400',
    resource: 'http://localhost:9401/mcp',
    names: ['mcp://vetassist'],
    scopes: { 'a:write': { implies: ['a:read'] } },
    tools: { list: ['a:read', 'b'], free: { scope: [] }, pay: { scope: 'b', acr: 'urn:mfa', maxAge: 0 } },
    prompts: { greet: [] },
    resources: { 'pet://{petId}': 'a:read' },
    origins: ['https://inspector.example.com'],
    audit: { sink: () => {}, key: new Uint8Array(32), onFailure: 'allow' },
    credential: { issuer: 'http://localhost:9400', client_id: 'vetassist-guard', private_key: privateKey },
    otherIssuers: [{ issuer: 'https://login.example.com' }],
    onSignalLoss: 'deny',
    // Whoever holds a credential opens signals at once; here nobody answers.
    fetch: () => new Promise(() => {}),
  })()
})

const faults: Record<string, [Record<string, unknown>, RegExp]> = {
  'an option that does not exist': [{ scope: {} }, /`scope` is not an option: the options are issuer, resource/],
  'no issuer': [{ issuer: undefined }, /`issuer`: the issuer must be an absolute https URL/],
  'an issuer on plain http': [{ issuer: 'http://auth.example.com' }, /`issuer`: .*http only on localhost/],
  'an issuer with a slash at the end': [{ issuer: 'https://auth.example.com/' }, /`issuer`: .*must not end in a slash/],
  'other issuers as an object': [{ otherIssuers: {} }, /`otherIssuers` must be a list/],
  'another issuer as a text': [{ otherIssuers: ['https://b.example'] }, /`otherIssuers\[0\]` must be an object/],
  'another issuer on plain http': [
    { otherIssuers: [{ issuer: 'http://b.example' }] },
    /`otherIssuers\[0\].issuer`: .*http only/,
  ],
  'another issuer with a rule': [
    { otherIssuers: [{ issuer: 'https://b.example', tools: {} }] },
    /`otherIssuers\[0\].tools` is not/,
  ],
  'an issuer twice': [{ otherIssuers: [{ issuer: 'https://auth.example.com' }] }, /this issuer is there already/],
  'an answer to a loss of signals that there is not': [
    { onSignalLoss: 'log' },
    /`onSignalLoss` must be `allow` or `deny`/,
  ],
  'timers that are none': [{ schedule: 5 }, /`schedule` must be a function/],
  'proofs by a word': [{ dpop: true }, /`dpop` must be `false`, or an object/],
  'proofs with a member that does not exist': [{ dpop: { nonces: true } }, /`dpop.nonces` is not known/],
  'bound tokens by a word': [{ dpop: { required: 'yes' } }, /`dpop.required` must be true or false/],
  'a replay store that is none': [{ dpop: { replays: new Set() } }, /`dpop.replays` must be an object with `spend`/],
  'a short nonce key': [{ dpop: { nonceKey: new Uint8Array(8) } }, /`dpop.nonceKey` must be at least 32 bytes/],
  'a guard API by another word': [{ guardApi: 'no' }, /`guardApi` must be true or false/],
  'opaque tokens without a credential': [{ opaqueTokens: true }, /`opaqueTokens` needs `credential`/],
  'opaque tokens by another word': [{ opaqueTokens: 'yes' }, /`opaqueTokens` must be true or false/],
  'opaque tokens of two issuers': [
    {
      opaqueTokens: true,
      credential: { client_id: 'a', private_key: privateKey },
      otherIssuers: [
        { issuer: 'https://b.example', opaqueTokens: true, credential: { client_id: 'a', private_key: privateKey } },
      ],
    },
    /`opaqueTokens` is for one issuer/,
  ],
  'a credential that is a text': [{ credential: 'secret' }, /`credential` must be an object with `client_id`/],
  'a credential of another issuer': [
    { credential: { issuer: 'https://b.example', client_id: 'a', private_key: privateKey } },
    /`credential` belongs to another issuer/,
  ],
  'a credential without a client': [
    { credential: { private_key: privateKey } },
    /`credential.client_id` must be a text/,
  ],
  'a credential with a public key': [
    { credential: { client_id: 'a', private_key: { ...privateKey, d: undefined } } },
    /`credential.private_key` must be a private JWK with `kid` and `alg`/,
  ],
  'a credential with a secret': [
    { credential: { client_id: 'a', private_key: privateKey, client_secret: 's' } },
    /`credential.client_secret` is not known/,
  ],
  'no resource': [{ resource: undefined }, /`resource`: write the https URL/],
  'a resource that is no URL': [{ resource: 'mcp://vetassist' }, /`resource`: write the https URL/],
  'a resource on plain http': [{ resource: 'http://mcp.example.com/mcp' }, /`resource`: http is only for localhost/],
  'a resource with a fragment': [{ resource: 'https://mcp.example.com/mcp#x' }, /`resource`: .*fragment/],
  'a name that is no URI': [{ names: ['vetassist'] }, /`names`: `vetassist`/],
  'names as a text': [{ names: 'mcp://vetassist' }, /`names` must be a list/],
  'no default scopes': [{ defaultScopes: undefined }, /`defaultScopes` must be a list/],
  'two scopes in one text': [{ defaultScopes: ['a b'] }, /`defaultScopes`: `a b` is no scope: one word/],
  'offline_access for a resource': [{ defaultScopes: ['offline_access'] }, /leave out `offline_access`/],
  'a hierarchy in another form': [{ scopes: { 'a:write': ['a:read'] } }, /`a:write` must be `{ implies/],
  'no tools': [{ tools: undefined }, /`tools` must be an object from name to rule/],
  'a tool without a scope': [{ tools: { pay: {} } }, /`tools.pay` has no scope: .* `scope: \[\]`/],
  'a tool with a member that does not exist': [
    { tools: { pay: { scope: 'a', scopes: [] } } },
    /`tools.pay.scopes` is not known/,
  ],
  'a tool that is allowed by `true`': [{ tools: { pay: true } }, /`tools.pay` must be a scope, a list or a rule/],
  'a scope that is no text': [{ tools: { pay: [1] } }, /`tools.pay`: `1` is no scope/],
  'a schema that is none': [{ tools: { pay: { scope: 'a', input: { type: 'object' } } } }, /Standard Schema/],
  'an object rule that was not made': [{ tools: { pay: { scope: 'a', object: () => true } } }, /objectRule\(/],
  'a condition that is none': [{ tools: { pay: { scope: 'a', when: true } } }, /`tools.pay.when` must be a function/],
  'a plan that is none': [{ tools: { pay: { scope: 'a', plan: 'all' } } }, /`tools.pay.plan` must be a function/],
  'another answer than the two': [{ tools: { pay: { scope: 'a', whenNever: 'show' } } }, /`hide` or `explain`/],
  'no authentication context': [{ tools: { pay: { scope: 'a', acr: [] } } }, /`tools.pay.acr`/],
  'two authentication contexts in one text': [{ tools: { pay: { scope: 'a', acr: 'a b' } } }, /`tools.pay.acr`/],
  'an age that is no number': [{ tools: { pay: { scope: 'a', maxAge: '300' } } }, /`tools.pay.maxAge`/],
  'a prompt without a scope': [{ prompts: { greet: {} } }, /`prompts.greet` has no scope/],
  'an origin with a path': [{ origins: ['https://a.example/x'] }, /`origins`: .* must be an origin/],
  'a body limit of nothing': [{ maxBodyBytes: 0 }, /`maxBodyBytes` must be a whole number above 0/],
  'a clock that stands': [{ clock: 1 }, /`clock` must be a function/],
  'an audit without a sink': [{ audit: {} }, /`audit.sink` must be a function/],
  'an audit with a short key': [
    { audit: { sink() {}, key: new Uint8Array(8) } },
    /`audit.key` must be at least 32 bytes/,
  ],
  'an audit with a member that does not exist': [{ audit: { sink() {}, file: 'x' } }, /`audit.file` is not known/],
}
describe('a fault stops the start, with a sentence that says what to write', () => {
  for (const [name, [change, message]] of Object.entries(faults)) {
    test(name, () => assert.throws(make(change), message))
  }

  test('all faults are told at once', () => {
    assert.throws(make({ issuer: 'x', resource: 'y', tools: { a: {} } }), /`issuer`[^]*`resource`[^]*`tools.a`/)
  })

  test('no options at all', () => {
    assert.throws(() => guard(undefined as unknown as GuardOptions), /pass an object/)
  })

  test('a handler that is none', () => {
    assert.throws(() => guard(good)({} as never), /protect needs an MCP handler/)
  })
})

describe('an object rule', () => {
  const rule = { argument: '$.petId', type: 'pet', load: () => undefined, plan: () => where({ ownerId: 'bob' }) }
  const broken: Record<string, [object, RegExp]> = {
    'a path without its root': [{ ...rule, argument: 'petId' }, /must be a path such as `\$.petId`/],
    'a path into a list': [{ ...rule, argument: '$.pets[0]' }, /must be a path/],
    'the root alone': [{ ...rule, argument: '$' }, /must be a path/],
    'no type': [{ ...rule, type: '' }, /needs a type/],
    'no loader': [{ ...rule, load: undefined }, /needs `load`/],
    'nobody who may': [{ ...rule, plan: undefined }, /needs one of `plan` and `allow`/],
    'two answers to who may': [{ ...rule, allow: () => true }, /needs one of `plan` and `allow`/],
  }
  for (const [name, [options, message]] of Object.entries(broken)) {
    test(`is refused with ${name}`, () => {
      assert.throws(() => objectRule(options as Parameters<typeof objectRule>[0]), message)
    })
  }
})
