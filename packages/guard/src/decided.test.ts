import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { z } from 'zod'
import { decided, guard, where, type HandlerOptions, type StandardSchema } from './index.ts'
import { createTestIssuer, ISSUER, messageOf, modern, NOW, RESOURCE, type TestIssuer } from './test-issuer.ts'

let issuer: TestIssuer
let seen: HandlerOptions | undefined
let serve: (request: Request) => Promise<Response>
before(async () => {
  issuer = await createTestIssuer()
  const broken: StandardSchema = { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: 'a text' }) } }
  serve = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: {
      raw: [],
      checked: { scope: [], input: z.object({ name: z.string().trim(), tags: z.array(z.string()).default(['new']) }) },
      broken: { scope: [], input: broken },
      mine: { scope: [], plan: ({ sub }) => where({ ownerId: sub }) },
    },
    clock: () => NOW,
    fetch: issuer.fetch,
  })(async (_request, options) => {
    seen = options
    return Response.json({ jsonrpc: '2.0', id: 1, result: {} })
  })
})

async function call(name: string, args: Record<string, unknown>): Promise<Response> {
  seen = undefined
  return serve(modern('tools/call', { name, arguments: args }, await issuer.token()))
}

describe('what a handler is told', () => {
  test('arguments without a schema are as they were sent, and cannot be changed any more', async () => {
    await call('raw', { pet: { name: 'Fido' } })
    const args = decided<{ arguments: { pet: { name: string } } }>(seen?.authInfo).arguments
    assert.deepEqual(args, { pet: { name: 'Fido' } })
    assert.throws(() => (args.pet.name = 'Misty'), TypeError)
    const { params } = (seen ?? assert.fail()).parsedBody as { params: { arguments: { pet: { name: string } } } }
    assert.throws(() => (params.arguments.pet.name = 'Misty'), TypeError, 'the body that the SDK reads is the same')
  })

  test('arguments with a schema are what the schema made of them, and cannot be changed any more', async () => {
    await call('checked', { name: ' Fido ' })
    const args = decided<{ arguments: { name: string; tags: string[] } }>(seen?.authInfo).arguments
    assert.deepEqual(args, { name: 'Fido', tags: ['new'] })
    assert.throws(() => args.tags.push('changed'), TypeError)
  })

  test('a schema that makes no object of arguments lets nothing through', async () => {
    const { result } = await messageOf(await call('broken', {}))
    assert.equal(result?.['isError'], true)
    assert.equal(seen, undefined)
  })

  test('a plan says which objects are for this caller', async () => {
    await call('mine', {})
    assert.deepEqual(decided(seen?.authInfo).plan, where({ ownerId: 'bob' }))
  })

  test('scopes of the SDK are closed under the hierarchy, and its token is none', async () => {
    const token = await issuer.token({ scope: 'a b' })
    await serve(modern('tools/call', { name: 'raw' }, token))
    assert.deepEqual(seen?.authInfo.scopes, ['a', 'b'])
    assert.equal(seen?.authInfo.token, 'kept-by-the-guard')
    assert.deepEqual([seen?.authInfo.clientId, seen?.authInfo.expiresAt], ['vet-assist-ai', NOW / 1000 + 300])
  })
})

describe('a handler that no guard stands in front of', () => {
  const forged = { decisionId: 'dec_x', principal: { sub: 'admin' } }
  const infos: Record<string, { extra?: Record<string, unknown> } | undefined> = {
    'without any information': undefined,
    'with that of another gate': {},
    'with a decision that somebody wrote': { extra: { permitry: forged } },
    'with something that is no decision': { extra: { permitry: 'x' } },
  }
  for (const [name, info] of Object.entries(infos)) {
    test(`serves nobody: ${name}`, () => assert.throws(() => decided(info), /no decision for this call/))
  }
})
