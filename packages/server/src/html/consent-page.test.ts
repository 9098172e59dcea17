import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consentPage } from './consent-page.ts'
import type { ClientView, ConsentView, ScopeView } from './views.ts'

const read: ScopeView = {
  name: 'pet-profile:read',
  title: 'See pet profiles',
  description: 'Names and vaccinations.',
  risk: 'read',
  tools: [{ name: 'list_pets', title: 'List pets' }],
  alreadyGranted: false,
}

const view: ConsentView = {
  action: '/consent',
  hidden: { request: 'r"1' },
  tenantName: 'Willow Street',
  person: { name: 'Bob', username: 'bob' },
  notYouUrl: '/login?again',
  client: { name: 'Vet Assist AI', verified: false, registration: 'registered' },
  redirect: { host: 'app.example:8443', loopback: false, customScheme: false },
  server: { name: 'VetAssist', identifier: 'mcp://vetassist', url: 'https://mcp.example/mcp' },
  scopes: [read],
  identityScopes: [],
  withheld: [],
  lasting: { idleDays: 14, absoluteDays: 90 },
  requestId: 'req_1',
}

/** The words of a page, as one line. */
function words(changes: Partial<ConsentView> = {}): string {
  return consentPage({ ...view, ...changes })
    .replace(/<[^>]*>/gu, ' ')
    .replace(/\s+/gu, ' ')
}

function withClient(client: Partial<ClientView>): string {
  return words({ client: { ...view.client, ...client } })
}

test('the administrator is of the organisation that was named, and of nobody when none was', () => {
  const { tenantName, ...unnamed } = view
  assert.match(words(), new RegExp(`By the administrator of ${tenantName}`))
  const page = consentPage(unnamed).replace(/<[^>]*>/gu, ' ')
  assert.match(page, /By the administrator\s*\./)
  assert.doesNotMatch(page, /administrator\s+of/)
})

test('the consent page names the person, the client, the MCP server and where the answer goes (MCP: redirect host must be shown)', () => {
  const text = words()
  for (const fact of ['Bob', 'Vet Assist AI', 'VetAssist', 'mcp://vetassist', 'https://mcp.example/mcp']) {
    assert.ok(text.includes(fact), fact)
  }
  assert.match(text, /You return to app\.example:8443/)
})

test('a client whose redirects are all on localhost comes with a warning, and so does a custom scheme', () => {
  assert.doesNotMatch(words(), /Continue only if/)
  const redirect = { host: '127.0.0.1:3000', loopback: true, customScheme: false }
  assert.match(words({ redirect }), /program on your own computer Any program that runs here can pose as Vet Assist AI/)
  assert.match(
    words({ redirect: { host: 'cursor:', loopback: false, customScheme: true } }),
    /Any installed program can claim cursor:/,
  )
})

test('the picture that a client chose is shown where it says that nobody checked it, and not otherwise', () => {
  const pageOf = (client: Partial<ClientView>): string =>
    consentPage({ ...view, client: { ...view.client, logo: 'logos/x.png', ...client } })
  for (const registration of ['cimd', 'dcr'] as const) {
    assert.match(pageOf({ registration }), /<img src="logos\/x\.png" alt="" class="logo" \/>.{1,60}Not verified/s)
    assert.doesNotMatch(pageOf({ registration, verified: true }), /<img/)
  }
  assert.doesNotMatch(pageOf({ registration: 'registered' }), /<img/)
})

test('the less is known about a client, the less the heading vouches for its name', () => {
  assert.match(
    withClient({}),
    /Vet Assist AI asks to use VetAssist .* Registered By the administrator of Willow Street/,
  )
  assert.match(
    withClient({ registration: 'cimd', idHost: 'evil.example' }),
    /Vet Assist AI from evil\.example asks .* Not verified .* nobody here vouches .* Identified by evil\.example/,
  )
  assert.match(
    withClient({ registration: 'dcr', firstSeenAt: Date.UTC(2026, 10, 24) }),
    /An application that calls itself Vet Assist AI asks .* nobody here vouches for it\. First seen on 24 November 2026/,
  )
  assert.match(
    withClient({ registration: 'dcr', firstSeenAt: Date.UTC(2026, 10, 24), firstSeenToday: true }),
    /Not verified It registered itself today and chose this name, and nobody here vouches for it\. (?!First)/,
  )
  assert.match(withClient({ registration: 'cimd', verified: true }), /Verified Checked by the administrator/)
})

test('every scope is a ticked box with its words, its tools and what it can do at worst', () => {
  const page = consentPage({ ...view, scopes: [read, { ...read, name: 'b', title: 'Delete', risk: 'destructive' }] })
  assert.match(page, /checked\s+name="scope" value="pet-profile:read"/)
  assert.match(words(), /If you allow this, it can See pet profiles Reads Names and vaccinations\. List pets/)
  assert.match(page, /Can delete/)
})

test('of many tools the first six are shown and the rest can be unfolded', () => {
  const tools = Array.from({ length: 8 }, (_, index) => ({ name: `tool_${index}`, title: '' }))
  assert.match(words({ scopes: [{ ...read, tools }] }), /tool_5 2 more tools tool_6 tool_7/)
})

test('what was allowed before stands apart from what is new', () => {
  const scopes = [
    { ...read, alreadyGranted: true },
    { ...read, name: 'w', title: 'Change pet profiles' },
  ]
  assert.match(words({ scopes }), /it can also Change pet profiles .* It can already See pet profiles/)
})

test('a required scope cannot be unticked and is sent all the same', () => {
  const openid = { name: 'openid', title: 'Who you are', description: '', alreadyGranted: false, required: true }
  const page = consentPage({ ...view, identityScopes: [openid] })
  assert.match(page, /<input type="hidden" name="scope" value="openid" \/>/)
  assert.match(page, /id="scope-openid"[^>]*disabled/)
})

test('what the role withholds is shown with the reason and whom to ask, and cannot be ticked', () => {
  const withheld = [{ name: 'w', title: 'Change pet profiles', reason: 'role', roleHint: 'Vet Staff' } as const]
  assert.match(
    words({ withheld }),
    /will not get it Change pet profiles Not in your role The role Vet Staff includes it\s?\. If you need it, ask the administrator of Willow Street/,
  )
  assert.doesNotMatch(consentPage({ ...view, withheld }), /value="w"/)
})

test('deny and allow have the same weight, deny comes first, and neither takes the focus', () => {
  const buttons = consentPage(view).match(/<button[^>]*>/gu)
  assert.deepEqual(buttons, [
    '<button type="submit" name="decision" value="deny" class="button">',
    '<button type="submit" name="decision" value="allow" class="button">',
  ])
  assert.doesNotMatch(consentPage(view), /autofocus/)
})

test('Allow with nothing ticked comes back with an error that leads to the first box', () => {
  const page = consentPage({ ...view, error: 'nothing_selected' })
  assert.match(page, /<title>Error: /)
  assert.match(page, /href="#scope-pet-profile%3Aread"/)
})

test('how long access lasts is said, with and without refresh tokens', () => {
  assert.match(
    words(),
    /after 14 days without use, and after 90 days at the latest\. The administrator can end it sooner/,
  )
  assert.match(words({ accountUrl: '/account' }), /You can end it sooner in your account/)
  assert.match(words({ lasting: { idleDays: 0, absoluteDays: 0 } }), /ends by itself within an hour/)
})

test('nothing that a client, a person or a server chose becomes markup', () => {
  const evil = '"><script>alert(1)</script>'
  const page = consentPage({
    ...view,
    action: evil,
    hidden: { [evil]: evil },
    tenantName: evil,
    person: { name: evil, username: evil },
    notYouUrl: evil,
    accountUrl: evil,
    client: { name: evil, idHost: evil, verified: false, registration: 'cimd' },
    redirect: { host: evil, loopback: true, customScheme: false },
    server: { name: evil, identifier: evil, url: evil },
    scopes: [{ ...read, name: evil, title: evil, description: evil, tools: [{ name: evil, title: evil }] }],
    identityScopes: [{ name: evil, title: evil, description: evil, alreadyGranted: true, required: true }],
    withheld: [{ name: evil, title: evil, reason: 'role', roleHint: evil }],
    whoseData: evil,
    requestId: evil,
  })
  assert.doesNotMatch(page, /<script/)
  assert.doesNotMatch(page, /""/)
})
