import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readOptions } from './settings.ts'
import { readBounded } from './body.ts'
import { readCredentials } from './credentials.ts'
import { readOperation } from './operation.ts'
import { readPost } from './read-post.ts'

const settings = readOptions({
  issuer: 'https://auth.example.com',
  resource: 'https://mcp.vet.example/mcp',
  defaultScopes: [],
  tools: { whoami: [] },
  resources: { 'pet://{petId}': [] },
  maxBodyBytes: 200,
})

async function* cut(bytes: Uint8Array<ArrayBuffer>, size: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const post = (body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  new Request('https://mcp.vet.example/mcp', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })

const bytes = (arbitrary: fc.Arbitrary<string>) => arbitrary.map((text) => new Uint8Array(Buffer.from(text)))
const message = fc.record({
  jsonrpc: fc.constant('2.0'),
  id: fc.integer(),
  method: fc.string(),
  params: fc.dictionary(fc.string(), fc.jsonValue()),
})
const body = fc.oneof(
  bytes(message.map((value) => JSON.stringify(value))),
  bytes(fc.string()),
  fc.uint8Array().map((array) => new Uint8Array(array)),
)

test('whatever is posted is a message as it stands in the body, or a refusal in JSON-RPC', async () => {
  await fc.assert(
    fc.asyncProperty(body, async (body) => {
      const result = await readPost(post(body), settings)
      if (result.ok) {
        assert.deepEqual(result.value.body, JSON.parse(new TextDecoder().decode(body)))
        assert.ok(body.length <= settings.maxBodyBytes)
        return
      }
      assert.ok([400, 413].includes(result.error.status))
      const { jsonrpc, error } = (await result.error.json()) as { jsonrpc: string; error: { code: unknown } }
      assert.deepEqual([jsonrpc, typeof error.code], ['2.0', 'number'])
    }),
    { numRuns: 500 },
  )
})

test('no other media type is read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[ -~]*$/), async (type) => {
      fc.pre(!/^application\/json\s*(;|$)/i.test(type.trim()))
      const result = await readPost(post(new Uint8Array(), { 'content-type': type }), settings)
      assert.equal(!result.ok && result.error.status, 415)
    }),
    { numRuns: 200 },
  )
})

test('a body is the same however it is cut, and is never read beyond its limit', async () => {
  await fc.assert(
    fc.asyncProperty(
      bytes(fc.string({ unit: 'binary' })),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(40),
      async (body, size, limit) => {
        let read = 0
        async function* counted() {
          for await (const chunk of cut(body, size)) {
            read += chunk.length
            yield chunk
          }
        }
        const text = await readBounded(counted(), limit)
        assert.equal(text, body.length > limit ? undefined : new TextDecoder().decode(body))
        assert.ok(read <= limit + size)
      },
    ),
    { numRuns: 300 },
  )
})

test('credentials are a token exactly when the one header is a scheme that is served and one token', () => {
  const piece = fc.constantFrom(
    'Bearer',
    'bearer',
    'DPoP',
    'dpop',
    'Basic',
    ' ',
    'a.b.c',
    'a~+/',
    '.',
    ',',
    'eyJ-_9',
    '=',
  )
  const served = fc.constantFrom<'both' | 'bearer' | 'dpop'>('both', 'bearer', 'dpop')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.boolean(), served, (pieces, inQuery, served) => {
      const authorization = pieces.join('')
      const request = new Request(`https://mcp.vet.example/mcp${inQuery ? '?access_token=a.b.c' : ''}`, {
        headers: { authorization },
      })
      const replays = { spend: () => true }
      const dpop = served === 'bearer' ? undefined : { replays, required: served === 'dpop' }
      const read = readCredentials(request, { dpop })
      const [written = '', ...rest] = (request.headers.get('authorization') ?? '').split(' ')
      const scheme = written.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer'
      const isServed =
        (/^bearer$/i.test(written) && served !== 'dpop') || (/^dpop$/i.test(written) && served !== 'bearer')
      const token = rest.join(' ').trim()
      const isToken = /^[\w\-.~+/]+=*$/.test(token)
      if (inQuery) assert.equal(read.kind, 'two_methods')
      else if (!isServed) assert.equal(read.kind, 'none')
      else assert.deepEqual(read, isToken ? { kind: 'token', scheme, token } : { kind: 'malformed', scheme })
    }),
    { numRuns: 1_000 },
  )
})

test('an operation is read from anything, and only what is named by a rule or a text is an item', () => {
  const method = fc.constantFrom(
    'tools/call',
    'prompts/get',
    'resources/read',
    'completion/complete',
    'subscriptions/listen',
    'toString',
    '__proto__',
  )
  const params = fc.dictionary(
    fc.constantFrom('name', 'uri', 'ref', 'arguments', 'notifications'),
    fc.jsonValue({ maxDepth: 2 }),
  )
  fc.assert(
    fc.property(fc.oneof(method, fc.string()), params, fc.constantFrom('modern', 'legacy'), (method, params, era) => {
      const operation = readOperation({ kind: 'request', id: 1, method, params }, era, settings)
      if (operation.kind === 'item') assert.equal(typeof operation.item.name, 'string')
      if (!method.includes('/')) assert.ok(['unknown_method', 'open'].includes(operation.kind))
      if (operation.kind === 'open')
        assert.ok(['initialize', 'ping', 'logging/setLevel', 'server/discover'].includes(method))
    }),
    { numRuns: 500 },
  )
})
