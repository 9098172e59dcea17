import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { all, decide, explain, isVisible, where, within, type AccessRequest, type Rule, type Rules } from './index.ts'

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
type CallData = { tool: string; arguments?: Record<string, unknown>; outcome: string; reasons: string[] }
interface CasesFile {
  about: string
  objects?: Record<string, object>
  rules: Record<string, RuleData>
  cases: { name: string; subject: SubjectData; list: Record<string, boolean>; calls: CallData[] }[]
}

const NOW = 10_000_000
const folder = new URL('./cases/', import.meta.url)

for (const name of readdirSync(folder)) {
  const file = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as CasesFile
  const rules: Rules<SubjectData> = {
    tool: new Map(Object.entries(file.rules).map(([tool, data]) => [tool, ruleOf(data)])),
    prompt: new Map(),
    resource: new Map(),
  }
  describe(`${name}: ${file.about}`, () => {
    for (const { name: person, subject, list, calls } of file.cases) {
      test(`list: ${person}`, () => {
        for (const [tool, visible] of Object.entries(list)) {
          assert.equal(isVisible(decide(rules, requestOf(subject, tool))), visible, tool)
        }
      })
      test(`calls: ${person}`, () => {
        assert.ok(calls.length > 0)
        for (const { tool, arguments: args = {}, ...expected } of calls) {
          const found = lookUp(file, file.rules[tool], args)
          const decision = decide(rules, requestOf(subject, tool, args, found))
          assert.deepEqual(pick(decision, Object.keys(expected)), expected, tool)
          assert.ok(explain(decision).length > 0)
          // INVARIANT (list and call agree): what can be called is listed, what is hidden cannot be called.
          const visible = isVisible(decide(rules, requestOf(subject, tool)))
          assert.ok(visible || decision.outcome === 'never', `${tool} is hidden but not refused for good`)
        }
      })
    }
  })
}

function ruleOf(data: RuleData): Rule<SubjectData> {
  const { object, arguments: allowed } = data
  return {
    scopes: data.scope,
    whenNever: data.whenNever ?? 'hide',
    ...(data.acr && { acrValues: data.acr }),
    ...(data.maxAge !== undefined && { maxAgeSeconds: data.maxAge }),
    ...(allowed && { allowArguments: (_subject, args) => within(where(allowed), args) || 'try another kind' }),
    ...(object && {
      allowObject: ({ id, properties }, found) =>
        within(properties.roles?.includes(object.allForRole) ? all : where({ [object.owner]: id }), found),
    }),
  }
}

function requestOf(
  person: SubjectData,
  tool: string,
  args?: Record<string, unknown>,
  object?: unknown,
): AccessRequest<SubjectData> {
  return {
    subject: { type: 'user', id: person.sub, properties: person },
    action: { name: args === undefined ? 'tools/list' : 'tools/call' },
    resource: { type: 'tool', id: tool, object },
    context: {
      client: 'vet-assist-ai',
      now: NOW,
      scopes: new Set(person.scopes),
      ...(person.entitlements && { entitlements: new Set(person.entitlements) }),
      ...(person.acr !== undefined && { acr: person.acr }),
      ...(person.authTime !== undefined && { authTime: person.authTime }),
      ...(args && { arguments: args }),
    },
  }
}

function lookUp(file: CasesFile, rule: RuleData | undefined, args: Record<string, unknown>): unknown {
  if (rule?.object === undefined) return undefined
  const id = args[rule.object.argument]
  return typeof id === 'string' && Object.hasOwn(file.objects ?? {}, id) ? file.objects?.[id] : null
}

function pick(decision: object, keys: string[]): object {
  return Object.fromEntries(Object.entries(decision).filter(([key]) => keys.includes(key)))
}
