import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explain, type Explained } from './explain.ts'

const message = (more: Partial<Explained>): Explained => ({
  at: 0,
  kind: 'oauth',
  direction: 'out',
  summary: '',
  method: 'GET',
  url: 'http://localhost:9400/',
  status: undefined,
  headers: {},
  body: undefined,
  ...more,
})
const mcp = (more: Partial<Explained>): Explained => message({ kind: 'mcp', url: 'http://localhost:9401/mcp', ...more })
const token = { method: 'POST', url: 'http://localhost:9400/token' }

test('each message of a conversation has the sentence and the section that belong to it', () => {
  const cases: [Partial<Explained>, RegExp, string][] = [
    [
      { url: 'http://localhost:9401/.well-known/oauth-protected-resource/mcp' },
      /which authorization server guards it/,
      'RFC 9728 §3.1',
    ],
    [
      { url: 'http://localhost:9400/.well-known/oauth-authorization-server', direction: 'in', status: 200 },
      /both names must be the same/,
      'RFC 8414 §3.3',
    ],
    [{ url: 'http://localhost:9400/authorize?scope=openid' }, /to sign in/, 'OpenID Connect, Core §3.1.2.1'],
    [{ url: 'http://localhost:9400/authorize?resource=x' }, /code_challenge/, 'RFC 7636 §4.3'],
    [{ url: 'http://localhost:9402/callback?code=x&iss=y', direction: 'in' }, /works once/, 'RFC 9207 §2'],
    [
      { url: 'http://localhost:9402/callback?error=access_denied', direction: 'in' },
      /without permission/,
      'RFC 6749 §4.1.2.1',
    ],
    [{ ...token, body: { grant_type: 'authorization_code' } }, /code_verifier/, 'RFC 7636 §4.5'],
    [{ ...token, body: { grant_type: 'refresh_token' } }, /read again/, 'RFC 6749 §6'],
    [
      { ...token, direction: 'in', status: 200, body: { scope: 'pet-profile:read' } },
      /less than was asked for/,
      'RFC 6749 §5.1',
    ],
    [
      { ...token, direction: 'in', status: 200, body: { scope: 'openid', id_token: 'x' } },
      /nonce/,
      'OpenID Connect, Core §3.1.3.7',
    ],
    [
      { ...token, direction: 'in', status: 200, body: { scope: 'openid pet-profile:read', id_token: 'x' } },
      /somebody else than you/,
      'OpenID Connect, Core §3.1.3.3',
    ],
    [{ ...token, direction: 'in', status: 400, body: { error: 'invalid_grant' } }, /gives no token/, 'RFC 6749 §5.2'],
    [{ method: 'POST', url: 'http://localhost:9400/revoke' }, /gives its tokens back/, 'RFC 7009 §2.1'],
  ]
  for (const [sent, words, label] of cases) {
    const { explanation, section } = explain(message(sent))
    assert.match(explanation, words)
    assert.equal(section.label, label)
  }
})

test('refusals and calls of the clinic’s server are told apart', () => {
  assert.equal(explain(mcp({ direction: 'in', status: 401 })).section.label, 'RFC 9728 §5.1')
  const challenge = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="appointments:read"' }
  assert.equal(explain(mcp({ direction: 'in', status: 403, headers: challenge })).section.label, 'RFC 6750 §3.1')
  assert.equal(explain(mcp({ body: { method: 'tools/call' } })).section.label, 'MCP, Calling tools')
  assert.equal(explain(mcp({ body: { method: 'tools/list' } })).section.label, 'MCP, Listing tools')
})

test('a call that was not done says what its words mean, and what they keep back', () => {
  const cases: [unknown, RegExp][] = [
    [[{ type: 'text', text: 'Refused: not found, or not yours: use an id (decision dec_1)' }], /does not tell which/],
    [[{ type: 'text', text: 'Not permitted: update_pet needs the permission x' }], /no permission page could give it/],
    [[{ type: 'text', text: 'this slot was taken meanwhile' }], /says why/],
    [[null], /says why/],
    ['strange', /says why/],
  ]
  for (const [content, words] of cases) {
    const answer = mcp({ direction: 'in', status: 200, body: { id: 1, result: { isError: true, content } } })
    assert.match(explain(answer).explanation, words)
    assert.equal(explain(answer).section.label, 'MCP, Tool errors')
  }
  const fine = mcp({ direction: 'in', status: 200, body: { id: 1, result: { content: cases[0]?.[0] } } })
  assert.equal(explain(fine).section.label, 'MCP, Messages')
})

test('a message that no row knows is explained all the same', () => {
  assert.match(explain(message({ url: 'http://localhost:9400/else' })).explanation, /authorization server/)
  assert.match(explain(mcp({ direction: 'in', status: 200 })).explanation, /answer/)
})
