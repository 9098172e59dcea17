// Consent phishing: a client that registers itself under a name that people trust (MCP security best practices, RFC 9700 §4.11,
// UTS #39). What pages do with single characters is in packages/server/src/html/display-text.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorizationUrl, Browser, type Page, signIn, startStack, type Stack } from '@permitry/testkit'
import { CALLBACK, post } from './world.ts'

let stack: Stack
before(async () => (stack = await startStack({ trustedProxies: ['127.0.0.1'] })))
after(() => stack.close())

const REDIRECT = 'https://vet-assist.example.evil.example/callback'
const bobs = new Browser()
let callers = 0

/** The consent page for a client that has just registered itself. */
async function consentFor(client_name: string, redirectUri = REDIRECT): Promise<Page> {
  const metadata = { client_name, redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': `198.51.100.${callers++}` }
  const answer = await post(`${stack.issuer}/register`, JSON.stringify(metadata), headers)
  assert.equal(answer.status, 201, answer.text)
  const { client_id: clientId } = JSON.parse(answer.text) as { client_id: string }
  const asked = { clientId, redirectUri, resource: stack.mcpUrl }
  const page = await bobs.open((await authorizationUrl(stack.issuer, asked)).url)
  const consent = page.url.includes('/login?') ? await signIn(bobs, page, 'bob') : page
  assert.match(consent.url, /\/consent\?/)
  return consent
}

const WARNING = /looks like one that is registered here/

/** Vet Assist AI is an operator's client and VetAssist an operator's MCP server. */
const trusted = [
  'Vet Assist AI',
  'vet  assist ai',
  'VetAssist',
  'V\u0435t \u0410ssist \u0410I', // Cyrillic ie and A
  'Vet Ass\u0131st A\u0131', // dotless i
  'Vet Ass1st AI',
  'Vet\u200b Assist\u00ad AI', // zero width space, soft hyphen
  'V\u00e9t Assist AI',
  '\uff36\uff45\uff54 Assist AI', // fullwidth
  '\u{1d415}\u{1d41e}\u{1d42d} Assist AI', // mathematical bold
  '\u202eIA tsissA teV\u202c Vet Assist AI',
  'Vet Assist AI (verified)',
  'Official Vet-Assist AI ✓',
  'The new VetAssist',
]

test('a name that is drawn like that of an operator’s client or server, or has it inside, is pointed out beside the real one', async () => {
  for (const name of trusted) {
    const { text } = await consentFor(name)
    assert.match(text, WARNING, JSON.stringify(name))
    assert.match(text, /Not verified/)
  }
  for (const name of ['Notes', 'Cursor', 'Visual Studio Code', 'Pet diary', 'A']) {
    const { text } = await consentFor(name)
    assert.doesNotMatch(text, WARNING, name)
  }
})

test('the operator’s own client is not warned of, nor is it said to call itself so', async () => {
  const asked = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, resource: stack.mcpUrl }
  const { text } = await bobs.open((await authorizationUrl(stack.issuer, asked)).url)
  assert.doesNotMatch(text, WARNING)
  assert.doesNotMatch(text, /calls itself/)
})

test('whatever a client calls itself, the page says that it says so, that nobody checked it, and where the answer goes', async () => {
  for (const name of [
    'Verified',
    'Permitry',
    'Registered by the administrator',
    '<b>Verified</b>',
    'Verified\u2003\u2003\u2003',
    'x'.repeat(5_000),
    'A\u0301'.repeat(400),
    '\u202eevil',
    ' ',
    '',
  ]) {
    const { text } = await consentFor(name)
    assert.match(text, /An application that calls itself/, name)
    assert.match(text, /Not verified/)
    assert.doesNotMatch(text, /tag good">(?:Verified|Registered)/, 'no badge of trust')
    assert.match(text, /You return to<\/dt>\s*<dd><bdi class="address" dir="ltr">vet-assist\.example\.evil\.example</)
    assert.doesNotMatch(text, /<b>Verified|[\u202a-\u202e\u2066-\u2069\u200b-\u200f]/)
    const heading = /<h1>([^]*?)<\/h1>/.exec(text)?.[1] ?? ''
    assert.ok(heading.length < 600, `${heading.length}`)
  }
})

test('a host in another alphabet is shown as what it is', async () => {
  const { text } = await consentFor('Notes', 'https://xn--ppl-rdc7a.example/callback')
  assert.match(text, /xn--ppl-rdc7a\.example/)
})
