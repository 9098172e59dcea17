import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide, isVisible, type AccessRequest, type Rule, type Rules } from './index.ts'

const request: AccessRequest<null> = {
  subject: { type: 'user', id: 'bob', properties: null },
  action: { name: 'tools/call' },
  resource: { type: 'tool', id: 'show_pet', object: { name: 'Fido' } },
  context: { scopes: new Set(), client: 'app', now: 0, arguments: { petId: 'fido' } },
}

function only(rule: Partial<Rule<null>>): Rules<null> {
  const whole: Rule<null> = { scopes: [], whenNever: 'hide', ...rule }
  return { tool: new Map([['show_pet', whole]]), prompt: new Map(), resource: new Map() }
}

test('arguments that do not fit the schema are refused with its words, before any condition sees them', () => {
  const rules = only({
    allowArguments: () => assert.fail('asked'),
    allowObject: () => assert.fail('asked'),
  })
  const decision = decide(rules, {
    ...request,
    context: { ...request.context, argumentFault: '`petId` must be a text' },
  })
  assert.deepEqual(decision, { outcome: 'refuse', reasons: ['arguments_invalid'], message: '`petId` must be a text' })
})

test('a foreign object and an absent one get the same words', () => {
  const rules = only({ allowObject: () => false })
  const foreign = decide(rules, request)
  const absent = decide(rules, { ...request, resource: { ...request.resource, object: null } })
  assert.equal(foreign.outcome === 'refuse' && foreign.message, absent.outcome === 'refuse' && absent.message)
  assert.notDeepEqual(foreign.reasons, absent.reasons)
})

test('a rule for an object denies when nothing was looked up', () => {
  const decision = decide(only({ allowObject: () => true }), { ...request, resource: { type: 'tool', id: 'show_pet' } })
  assert.deepEqual(decision.reasons, ['object_absent'])
})

test('a condition that throws is not an answer', () => {
  const broken = only({
    allowObject: () => {
      throw new Error('database is down')
    },
  })
  assert.throws(() => decide(broken, request), /database is down/)
})

test('a tool, a prompt and a resource of one name are three things', () => {
  const rules = only({})
  assert.equal(decide(rules, request).outcome, 'allow')
  for (const type of ['prompt', 'resource'] as const) {
    assert.equal(isVisible(decide(rules, { ...request, resource: { type, id: 'show_pet' } })), false)
  }
})

test('only `true` allows: a condition that forgets its answer, or promises one, refuses', () => {
  for (const answer of [undefined, null, false, 1, Promise.resolve(true)]) {
    const allow = () => answer as true
    assert.equal(decide(only({ allowArguments: allow }), request).reasons[0], 'arguments_refused')
    assert.equal(decide(only({ allowObject: allow }), request).reasons[0], 'object_refused')
  }
})
