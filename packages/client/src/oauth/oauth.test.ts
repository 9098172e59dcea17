import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { mergeNeeds, needOfChallenge, NO_NEED } from '../need.ts'
import { readChallenge } from './challenge.ts'
import { clientAuthentication } from './client-auth.ts'
import { isAlive, isFresh, tokenRecord } from './tokens.ts'

const challenge = (value: string) => readChallenge(new Headers({ 'www-authenticate': value }))

describe('a challenge', () => {
  it('is the Bearer one among several, with its parameters', () => {
    const read = challenge(
      'Basic realm="x", Bearer error="insufficient_scope", scope="a b", resource_metadata="https://mcp.example/prm", error_description="needs, \\"more\\""',
    )
    assert.deepEqual(
      [read.error, read.scopes, read.resourceMetadataUrl, read.description],
      ['insufficient_scope', ['a', 'b'], 'https://mcp.example/prm', 'needs, "more"'],
    )
  })

  it('does not find a parameter inside the text of another', () => {
    const read = challenge('Bearer error="x", error_description="scope=admin resource_metadata=https://evil.example"')
    assert.deepEqual([read.scopes, read.resourceMetadataUrl], [[], undefined])
  })

  it('says nothing when it is malformed, or of another scheme', () => {
    for (const value of ['', 'Bearer scope="a', 'Bearer scope="a", scope="b"', 'DPoP scope="a"'])
      assert.deepEqual(challenge(value).scopes, [], value)
  })

  it('may ask for a stronger login', () => {
    const need = needOfChallenge(
      challenge('Bearer error="insufficient_user_authentication", acr_values="mfa", max_age=60'),
    )
    assert.deepEqual([need.reason, need.acrValues, need.maxAge], ['stronger-login', 'mfa', '60'])
  })
})

test('several needs are one question, for the strongest reason and all scopes', () => {
  const merged = mergeNeeds([
    { ...NO_NEED, reason: 'step-up', scopes: ['a', 'b'] },
    { ...NO_NEED, reason: 'login', scopes: ['c'] },
    { ...NO_NEED, reason: 'step-up', scopes: ['b', 'd'] },
  ])
  assert.deepEqual([merged.reason, merged.scopes], ['login', ['a', 'b', 'c', 'd']])
})

describe('the tokens of a response', () => {
  const asked = { scopes: ['a', 'b', 'offline_access'], withheld: ['z'], clientId: 'app' }

  it('have what the response says, and remember what it left out', () => {
    const record = tokenRecord({ access_token: 't', token_type: 'bearer', scope: 'a c', expires_in: 60 }, asked, 1_000)
    assert.deepEqual([record.scopes, record.withheld, record.expiresAt], [['a', 'c'], ['z', 'b'], 61_000])
  })

  it('have all that was asked for when the response does not say, RFC 6749 §5.1', () => {
    const record = tokenRecord({ access_token: 't', token_type: 'Bearer' }, asked, 0)
    assert.deepEqual([record.scopes, record.withheld, record.expiresAt], [asked.scopes, ['z'], undefined])
  })

  it('forget what was withheld once it is given', () => {
    const record = tokenRecord({ access_token: 't', token_type: 'Bearer', scope: 'a b z' }, asked, 0)
    assert.deepEqual(record.withheld, [])
  })

  it('must be bearer tokens', () => {
    assert.throws(() => tokenRecord({ access_token: 't', token_type: 'DPoP' }, asked, 0), /not a bearer token/)
  })

  it('are refreshed before they end, and used until they do', () => {
    const record = tokenRecord({ access_token: 't', token_type: 'Bearer', expires_in: 60 }, asked, 0)
    assert.deepEqual([isFresh(record, 29_999), isFresh(record, 30_000)], [true, false])
    assert.deepEqual([isAlive(record, 59_999), isAlive(record, 60_000)], [true, false])
  })
})

describe('client authentication', () => {
  const authenticate = async (client: { client_id: string; client_secret?: string }, methods?: string[]) => {
    const [headers, form] = [new Headers(), new URLSearchParams()]
    const metadata = methods && { token_endpoint_auth_methods_supported: methods }
    await clientAuthentication(client)(headers, form, 'https://as.example/token', metadata as never)
    return { basic: headers.get('authorization'), form: Object.fromEntries(form) }
  }

  it('encodes id and secret in the Basic header, RFC 6749 §2.3.1', async () => {
    const { basic, form } = await authenticate({ client_id: 'a:b', client_secret: 'p+%/ ü' }, ['client_secret_basic'])
    assert.equal(basic, `Basic ${btoa('a%3Ab:p%2B%25%2F+%C3%BC')}`)
    assert.deepEqual(form, {})
  })

  it('sends the secret in the form where the server wants that', async () => {
    const { basic, form } = await authenticate({ client_id: 'app', client_secret: 's' }, ['client_secret_post'])
    assert.deepEqual([basic, form], [null, { client_id: 'app', client_secret: 's' }])
  })

  it('names a public client', async () => {
    assert.deepEqual(await authenticate({ client_id: 'app' }, ['none']), { basic: null, form: { client_id: 'app' } })
  })
})
