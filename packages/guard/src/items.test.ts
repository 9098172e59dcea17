import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { createMcpHandler, McpServer, ResourceTemplate } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { decided, guard, objectRule, where } from './index.ts'
import { createTestIssuer, ISSUER, legacy, messageOf, modern, NOW, RESOURCE, type TestIssuer } from './test-issuer.ts'

const PETS = [
  { id: 'fido', ownerId: 'bob' },
  { id: 'misty', ownerId: 'carol' },
]

let issuer: TestIssuer
let serve: (request: Request) => Promise<Response>
before(async () => {
  issuer = await createTestIssuer()
  const pet = (argument: string) =>
    objectRule({
      argument,
      type: 'pet',
      load: (id) => PETS.find((one) => one.id === id),
      plan: ({ sub }) => where({ ownerId: sub }),
    })
  serve = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: { book: { scope: 'book', when: (_principal, { kind }) => kind === 'check-up' || 'only check-ups' } },
    prompts: { visit: { scope: 'pets', object: pet('$.petId') }, secret: 'never-granted' },
    resources: {
      'clinic://hours': [],
      'clinic://staff': 'never-granted',
      'pet://{petId}': { scope: 'pets', object: pet('$.petId') },
      'clinic://accounts': { scope: [], maxAge: 60 },
    },
    clock: () => NOW,
    fetch: issuer.fetch,
  })(
    createMcpHandler(() => {
      const server = new McpServer({ name: 'vet', version: '1' }, { capabilities: { resources: { subscribe: true } } })
      const kind = z.object({ kind: z.string() })
      server.registerTool('book', { inputSchema: kind }, () => ({ content: [{ type: 'text', text: 'booked' }] }))
      for (const name of ['visit', 'secret', 'forgotten']) {
        server.registerPrompt(name, { argsSchema: z.object({ petId: z.string() }) }, (_args, ctx) => ({
          messages: [
            { role: 'user', content: { type: 'text', text: JSON.stringify(decided(ctx.http?.authInfo).object) } },
          ],
        }))
      }
      for (const uri of ['clinic://hours', 'clinic://staff', 'clinic://forgotten']) {
        server.registerResource(uri, uri, { cacheHint: { cacheScope: 'public', ttlMs: 60_000 } }, () => ({
          contents: [{ uri, text: uri }],
        }))
      }
      const template = new ResourceTemplate('pet://{petId}', {
        list: () => ({ resources: ['pet://fido', 'room://1'].map((uri) => ({ uri, name: uri })) }),
      })
      server.registerResource('pet', template, {}, (uri, _variables, ctx) => ({
        contents: [{ uri: uri.href, text: JSON.stringify(decided(ctx.http?.authInfo).object) }],
      }))
      server.registerResource('room', new ResourceTemplate('room://{id}', { list: undefined }), {}, (uri) => ({
        contents: [{ uri: uri.href, text: '' }],
      }))
      return server
    }),
  )
})

/** Whoever may read pets, and can never get another scope. */
async function bob(claims = {}): Promise<string> {
  return issuer.token({ scope: 'pets book', entitlements: ['pets', 'book'], ...claims })
}

for (const [era, send] of Object.entries({ modern, legacy })) {
  describe(`${era} era`, () => {
    const ask = async (method: string, params: Record<string, unknown>, claims = {}) =>
      messageOf(await serve(send(method, params, await bob(claims))))

    test('lists of prompts, resources and templates show what a rule names and the caller may have', async () => {
      const names = async (method: string, list: string, key: string) => {
        const { result } = await ask(method, {})
        return ((result?.[list] ?? []) as Record<string, unknown>[]).map((item) => item[key])
      }
      assert.deepEqual(await names('prompts/list', 'prompts', 'name'), ['visit'])
      assert.deepEqual(await names('resources/list', 'resources', 'uri'), ['clinic://hours', 'pet://fido'])
      const templates = await names('resources/templates/list', 'resourceTemplates', 'uriTemplate')
      assert.deepEqual(templates, ['pet://{petId}'])
    })

    test('the object of a prompt and of a resource is loaded, checked and handed over', async () => {
      const prompt = await ask('prompts/get', { name: 'visit', arguments: { petId: 'fido' } })
      assert.match(JSON.stringify(prompt.result), /ownerId.*bob/)
      const read = await ask('resources/read', { uri: 'pet://fido' })
      assert.match(JSON.stringify(read.result), /ownerId.*bob/)
    })

    test('a foreign object and an absent one are refused alike', async () => {
      for (const [method, params] of [
        ['prompts/get', (id: string) => ({ name: 'visit', arguments: { petId: id } })],
        ['resources/read', (id: string) => ({ uri: `pet://${id}` })],
      ] as const) {
        const foreign = await ask(method, params('misty'))
        const absent = await ask(method, params('nessie'))
        assert.equal(foreign.error?.code, -32602)
        assert.equal(foreign.error?.message.replace(/dec_[\w-]+/, ''), absent.error?.message.replace(/dec_[\w-]+/, ''))
      }
    })

    test('what is hidden, what no rule names and what does not exist get the same answer', async () => {
      const prompts = ['secret', 'forgotten', 'nothing'].map((name) => [name, 'prompts/get', { name }] as const)
      const uris = ['clinic://staff', 'clinic://forgotten', 'room://1', 'clinic://nothing']
      const resources = uris.map((uri) => [uri, 'resources/read', { uri }] as const)
      for (const group of [prompts, resources]) {
        const answers = await Promise.all(
          group.map(async ([name, method, params]) => JSON.stringify(await ask(method, params)).replaceAll(name, 'x')),
        )
        assert.equal(new Set(answers).size, 1, answers.join('\n'))
        assert.match(answers[0] ?? '', /-32602.*not found/)
      }
    })

    test('a scope that could still be had is challenged', async () => {
      const response = await serve(send('resources/read', { uri: 'pet://fido' }, await bob({ scope: '' })))
      assert.equal(response.status, 403)
      assert.match(response.headers.get('www-authenticate') ?? '', /scope="pets"/)
    })

    test('a condition on arguments is told to the model in its own words', async () => {
      const { result } = await ask('tools/call', { name: 'book', arguments: { kind: 'surgery' } })
      assert.equal(result?.['isError'], true)
      assert.match(JSON.stringify(result), /Refused: only check-ups \(decision dec_/)
      const allowed = await ask('tools/call', { name: 'book', arguments: { kind: 'check-up' } })
      assert.match(JSON.stringify(allowed.result), /booked/)
    })

    test('completion needs what the prompt or template itself needs', async () => {
      const params = { argument: { name: 'petId', value: 'f' } }
      const refs = [
        { type: 'ref/prompt', name: 'secret' },
        { type: 'ref/resource', uri: 'room://{id}' },
      ]
      for (const ref of refs) {
        assert.match((await ask('completion/complete', { ...params, ref })).error?.message ?? '', /not found/)
      }
      const { error } = await ask('completion/complete', { ...params, ref: { type: 'ref/elsewhere' } })
      assert.equal(error?.code, -32602)
    })
  })
}

test('a resource that a server calls public is private once a rule guards it', async () => {
  const { result } = await messageOf(await serve(modern('resources/read', { uri: 'clinic://hours' }, await bob())))
  assert.deepEqual([result?.['cacheScope'], result?.['ttlMs']], ['private', 60_000])
})

describe('subscriptions', () => {
  function listen(uris: unknown): Record<string, unknown> {
    return { notifications: { resourcesListChanged: true, resourceSubscriptions: uris } }
  }

  async function acknowledged(response: Response): Promise<string> {
    const reader = response.body?.getReader()
    const chunk = await reader?.read()
    await reader?.cancel()
    return new TextDecoder().decode(chunk?.value)
  }

  test('leave out what is beyond reach, and the acknowledgement says so', async () => {
    const uris = ['pet://fido', 'pet://misty', 'pet://nessie', 'clinic://staff', 'room://1', 'clinic://hours']
    const first = await acknowledged(await serve(modern('subscriptions/listen', listen(uris), await bob())))
    assert.match(first, /notifications\/subscriptions\/acknowledged/)
    assert.match(first, /"resourceSubscriptions":\["pet:\/\/fido","clinic:\/\/hours"\]/)
  })

  test('are challenged for a scope that could still be had', async () => {
    const token = await bob({ scope: '' })
    const response = await serve(modern('subscriptions/listen', listen(['clinic://hours', 'pet://fido']), token))
    assert.equal(response.status, 403)
    assert.match(response.headers.get('www-authenticate') ?? '', /scope="pets"/)
  })

  test('are challenged for a fresh login where only that is missing', async () => {
    const response = await serve(modern('subscriptions/listen', listen(['clinic://accounts']), await bob()))
    assert.equal(response.status, 401)
    assert.match(response.headers.get('www-authenticate') ?? '', /insufficient_user_authentication.*max_age="60"/)
  })

  test('are for a bounded list of URIs', async () => {
    for (const uris of ['pet://fido', [1], Array.from({ length: 101 }, () => 'pet://fido')]) {
      const response = await serve(modern('subscriptions/listen', listen(uris), await bob()))
      assert.equal((await messageOf(response)).error?.code, -32602)
    }
  })

  test('of the legacy era are decided for their resource', async () => {
    const refused = await messageOf(await serve(legacy('resources/subscribe', { uri: 'clinic://staff' }, await bob())))
    assert.match(refused.error?.message ?? '', /not found/)
  })
})
