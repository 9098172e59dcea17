// Headers that a stranger writes: cookies, forwarding headers, and what is concluded from them.
import assert from 'node:assert/strict'
import { BlockList } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { Hono } from 'hono'
import type { Realm } from '../realm.ts'
import { callerNetwork, clientAddress, trustProxies } from './client-address.ts'
import { readCookie, writeCookie } from './cookies.ts'
import { forwardedFor } from './forwarded.ts'

const realm = { issuer: 'https://auth.example.com', tenant: 'default' } as Realm

test('a cookie that was written is read again, whatever else the browser sends beside it', async () => {
  const app = new Hono()
  app.get('/write', (c) => {
    writeCookie(realm, c, 'session', c.req.query('value') ?? '')
    return c.body(null)
  })
  app.get('/read', (c) => c.json(readCookie(realm, c, 'session') ?? null))
  const other = fc.stringMatching(/^[ -~]*$/).filter((text) => !text.includes('__Host-permitry_session'))
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[\w-]+$/), other, other, async (value, before, after) => {
      const written = await app.request(`/write?value=${value}`)
      const [pair = ''] = (written.headers.get('set-cookie') ?? '').split(';')
      const cookie = [before.replaceAll(';', ''), pair, after].join('; ')
      const read = await app.request('/read', { headers: { cookie } })
      assert.equal(await read.json(), value, cookie)
    }),
    { numRuns: 300 },
  )
})

test('any Cookie header is read or ignored', async () => {
  const app = new Hono()
  app.get('/', (c) => c.json(readCookie(realm, c, 'session') ?? null))
  const piece = fc.constantFrom('__Host-permitry_session', '=', ';', ' ', '%', '%ff', '"', ',', 'a', '__proto__')
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: piece }), async (cookie) => {
      assert.equal((await app.request('/', { headers: { cookie } })).status, 200)
    }),
    { numRuns: 300 },
  )
})

const quoted = fc.string({ unit: fc.constantFrom('1', '.', ',', ';', '=', '"', '\\', ' ', 'for=') })
const quote = (text: string) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`

test('every element of a Forwarded header that keeps to the grammar is one hop, in order', () => {
  const element = fc.record({
    hop: quoted,
    rest: fc.constantFrom('', ';proto=https', ' ; by="a,b" ', ';host="x;y"', ';;'),
    name: fc.constantFrom('for', 'For', 'FOR'),
  })
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 5 }), (elements) => {
      const header = elements.map(({ name, hop, rest }) => `${name}=${quote(hop)}${rest}`).join(' ,')
      assert.deepEqual(
        forwardedFor(header),
        elements.map(({ hop }) => hop),
      )
    }),
    { numRuns: 500 },
  )
})

test('any Forwarded header has an answer soon', () => {
  const piece = fc.constantFrom('for', '=', '"', '\\', ';', ',', ' ', '1.2.3.4', '\t', 'é')
  fc.assert(
    fc.property(fc.string({ unit: piece }), (header) => void forwardedFor(header)),
    { numRuns: 1000 },
  )
  for (const unit of ['a', ';', ' ', 'a=b;', '"', '\\', 'a="', ',', ' ;']) {
    const before = performance.now()
    forwardedFor(`for="${unit.repeat(8_000)}`)
    forwardedFor(unit.repeat(8_000))
    assert.ok(performance.now() - before < 2000, unit)
  }
})

const isTrusted = trustProxies(['10.0.0.0/8', 'fd00::/8'])
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('unknown', '', '_x', '10.1.1.1', 'fd00::1', '[fd00::2]:80'),
)
const client = fc.ipV4().filter((one) => !isTrusted(one))

test('nothing that a client writes into its own headers changes the address that it has', () => {
  fc.assert(
    fc.property(
      client,
      fc.array(address),
      fc.constantFrom([], ['10.0.0.9'], ['fd00::7', '10.0.0.9']),
      (client, written, proxies) => {
        const xForwardedFor = [...written, client, ...proxies].join(', ')
        assert.equal(clientAddress('10.0.0.1', { xForwardedFor, forwarded: undefined }, isTrusted), client)
        const forwarded = [...written, client, ...proxies]
          .map((hop) => `for="${hop.replace(/^([^[].*:.*)$/, '[$1]')}"`)
          .join(',')
        assert.equal(clientAddress('10.0.0.1', { xForwardedFor: undefined, forwarded }, isTrusted), client)
        // Whoever comes without a proxy is who he is.
        assert.equal(clientAddress(client, { xForwardedFor, forwarded }, isTrusted), client)
      },
    ),
    { numRuns: 500 },
  )
})

test('a range of trusted proxies is read, or stops the start', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(200)).map((pair) => pair.join('/')),
      ),
      (range) => {
        try {
          trustProxies([range])
        } catch (error) {
          assert.ok(error instanceof TypeError || error instanceof RangeError)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('an IPv6 caller is his /64 and no other, an IPv4 one himself', () => {
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
      const [a, b] = [one, other].map((text) => new URL(`http://[${text}]`).hostname.slice(1, -1))
      assert.ok(a !== undefined && b !== undefined)
      const network = new BlockList()
      network.addSubnet(a, 64, 'ipv6')
      assert.equal(callerNetwork(a) === callerNetwork(b), network.check(b, 'ipv6'))
    }),
    { numRuns: 500 },
  )
  fc.assert(fc.property(fc.ipV4(), (one) => assert.equal(callerNetwork(one), one)))
})
