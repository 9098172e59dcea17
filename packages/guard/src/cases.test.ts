import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { all, guard, objectRule, where, within, type AuditEvent, type ItemRule } from './index.ts'
import { createTestIssuer, ISSUER, messageOf, modern, RESOURCE, toolsOf, type TestIssuer } from './test-issuer.ts'

// The cases of packages/policy, through the whole guard: what decides in theory is what a client is answered.

interface RuleData {
  scope: string[]
  whenNever?: 'explain'
  acr?: string[]
  maxAge?: number
  arguments?: Record<string, string[]>
  object?: { argument: string; owner: string; allForRole: string }
}
interface SubjectData {
  sub: string
  scopes: string[]
  entitlements?: string[]
  roles?: string[]
  acr?: string
  authTime?: number
}
interface CallData {
  tool: string
  arguments?: Record<string, unknown>
  outcome: 'allow' | 'challenge' | 'step_up' | 'never' | 'refuse'
  reasons: string[]
  scopes?: string[]
  acrValues?: string[]
  maxAgeSeconds?: number
}
interface CasesFile {
  about: string
  objects?: Record<string, object>
  rules: Record<string, RuleData>
  cases: { name: string; subject: SubjectData; list: Record<string, boolean>; calls: CallData[] }[]
}

const NOW = 10_000_000
const folder = new URL('../../policy/src/cases/', import.meta.url)

let issuer: TestIssuer
before(async () => {
  issuer = await createTestIssuer()
})

for (const name of readdirSync(folder)) {
  const file = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as CasesFile
  describe(`${name}: ${file.about}`, () => {
    for (const { name: person, subject, list, calls } of file.cases) {
      test(person, async () => {
        const [serve, events] = serverOf(file)
        const token = await tokenOf(subject)
        const listed = await toolsOf(await serve(modern('tools/list', {}, token)))
        for (const [tool, visible] of Object.entries(list)) assert.equal(listed.includes(tool), visible, tool)
        for (const call of calls) {
          const params = { name: call.tool, arguments: call.arguments ?? {} }
          const response = await serve(modern('tools/call', params, token))
          const event = events.at(-1)
          assert.deepEqual([event?.outcome, event?.reasons], [call.outcome, call.reasons], call.tool)
          await assertAnswer(response, call, file.rules[call.tool]?.whenNever)
        }
      })
    }
  })
}

async function assertAnswer(response: Response, call: CallData, whenNever?: 'explain'): Promise<void> {
  const challenge = response.headers.get('www-authenticate') ?? ''
  switch (call.outcome) {
    case 'allow':
      assert.deepEqual(await response.json(), { reached: call.tool })
      return
    case 'challenge':
      assert.equal(response.status, 403)
      assert.ok(challenge.includes(`scope="${call.scopes?.join(' ')}"`), challenge)
      return
    case 'step_up':
      assert.equal(response.status, 401)
      assert.match(challenge, /error="insufficient_user_authentication"/)
      assert.equal(challenge.includes('acr_values='), call.acrValues !== undefined)
      assert.ok(challenge.includes(`max_age="${call.maxAgeSeconds}"`), challenge)
      return
    case 'never':
    case 'refuse': {
      const { error, result } = await messageOf(response)
      if (call.outcome === 'never' && whenNever === undefined) assert.match(error?.message ?? '', /not found/)
      else assert.equal(result?.['isError'], true)
    }
  }
}

function serverOf(file: CasesFile): [(request: Request) => Promise<Response>, AuditEvent[]] {
  const events: AuditEvent[] = []
  const protect = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: Object.fromEntries(Object.entries(file.rules).map(([tool, data]) => [tool, ruleOf(data, file)])),
    audit: { sink: (event) => void events.push(event) },
    clock: () => NOW,
    fetch: issuer.fetch,
  })
  const serve = protect(async (_request, { parsedBody }) => {
    const { id, method, params } = parsedBody as { id: number; method: string; params: { name: string } }
    if (method !== 'tools/list') return Response.json({ reached: params.name })
    const tools = [...Object.keys(file.rules), 'forgotten'].map((tool) => ({ name: tool, inputSchema: {} }))
    return Response.json({ jsonrpc: '2.0', id, result: { tools } })
  })
  return [serve, events]
}

function ruleOf({ arguments: allowed, object, ...rule }: RuleData, { objects = {} }: CasesFile): ItemRule {
  return {
    ...rule,
    ...(allowed && { when: (_principal, args) => within(where(allowed), args) || 'try another kind' }),
    ...(object && {
      object: objectRule({
        argument: `$.${object.argument}`,
        type: 'pet',
        load: (id) => (Object.hasOwn(objects, id) ? objects[id] : undefined),
        plan: ({ sub, roles }) => (roles.includes(object.allForRole) ? all : where({ [object.owner]: sub })),
      }),
    }),
  }
}

function tokenOf({ sub, scopes, entitlements, roles, acr, authTime }: SubjectData): Promise<string> {
  return issuer.token({
    sub,
    scope: scopes.join(' '),
    entitlements,
    roles,
    acr,
    auth_time: authTime,
    iat: NOW / 1000,
    exp: NOW / 1000 + 60,
  })
}
