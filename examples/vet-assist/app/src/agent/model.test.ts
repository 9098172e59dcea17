import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { inspect } from 'node:util'
import { type AssistantModel, chooseModel } from './model.ts'
import { askModel } from './step.ts'
import { ModelFailure } from './turn.ts'

const none = { anthropic: undefined, openaiCompatible: undefined }
const KEY = 'sk-never-to-be-seen'
const keys = { anthropic: KEY, openaiCompatible: undefined }

test('a model is chosen by one variable, and the page says which', () => {
  const local = chooseModel('openai-compatible/qwen3:8b@http://localhost:11434/v1', none)
  assert.deepEqual([local.kind, local.label, local.model.modelId], ['model', 'qwen3:8b', 'qwen3:8b'])
  const far = chooseModel('anthropic/claude-x', keys)
  assert.deepEqual([far.kind, far.label], ['model', 'claude-x'])
  const gateway = chooseModel('anthropic/claude-x@http://localhost:1/v1', keys)
  assert.deepEqual([gateway.label, gateway.model.modelId], ['claude-x', 'claude-x'])
})

test('the built-in assistant says that it is no language model', () => {
  const { kind, label } = chooseModel('embedded', none)
  assert.deepEqual([kind, label], ['built-in', 'Built-in assistant, not a language model'])
})

const HALF_SET: readonly [
  string,
  typeof keys | typeof none | { anthropic: undefined; openaiCompatible: string },
  RegExp,
][] = [
  ...[
    '',
    'gpt',
    'anthropic',
    'anthropic/',
    'openai-compatible/x',
    'openai-compatible/x@localhost',
    'other/x@http://localhost',
  ].map((choice) => [choice, keys, /^ASSISTANT_MODEL must be/] as [string, typeof keys, RegExp]),
  ['openai-compatible/x@http://', none, /^ASSISTANT_MODEL must be/],
  ['anthropic/x', none, /^ASSISTANT_MODEL names an Anthropic model: set ANTHROPIC_API_KEY$/],
  ['anthropic/x', { anthropic: undefined, openaiCompatible: KEY }, /^ASSISTANT_API_KEY is set, but/],
  ['embedded', { anthropic: undefined, openaiCompatible: KEY }, /^ASSISTANT_API_KEY is set, but/],
  ['anthropic/x', { ...keys, anthropic: `${KEY}\n` } as typeof keys, /^ANTHROPIC_API_KEY holds a space/],
  [`openai-compatible/x@http://me:${KEY}@localhost/v1`, none, /must be without user/],
  [`openai-compatible/x@http://localhost/v1?key=${KEY}`, none, /must be without user/],
  [KEY, none, /^ASSISTANT_MODEL must be/],
]
for (const [choice, given, expected] of HALF_SET)
  test(`\`${choice.replace(KEY, '<key>')}\` with ${Object.values(given).filter(Boolean).length} key is refused in one sentence that repeats no key`, () => {
    assert.throws(
      () => chooseModel(choice, given),
      ({ message }: Error) => expected.test(message) && !message.includes('\n') && !message.includes(KEY),
    )
  })

/** What an endpoint leaves behind of a question, as the log would show it. */
async function failAt(
  t: TestContext,
  listener: RequestListener,
  choose: (url: string) => AssistantModel,
): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const assistant = choose(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`)
  const { signal } = new AbortController()
  const messages = [{ role: 'user' as const, content: 'my secret question' }]
  const asked = askModel({ model: assistant.model, instructions: '', messages, tools: [], signal, onText: () => {} })
  const cause: unknown = await asked.then(
    () => assert.fail('it answered'),
    (error: unknown) => error,
  )
  return inspect(new ModelFailure(cause, assistant), { depth: 9 })
}

const PROVIDERS: readonly [string, (url: string) => AssistantModel][] = [
  ['anthropic', (url) => chooseModel(`anthropic/x@${url}`, keys)],
  ['openai-compatible', (url) => chooseModel(`openai-compatible/x@${url}`, { ...none, openaiCompatible: KEY })],
]
for (const [name, choose] of PROVIDERS) {
  test(`${name}: an endpoint that repeats the key in its refusal gets neither key nor conversation into the log`, async (t) => {
    let sent = ''
    const said = await failAt(
      t,
      ({ headers }, response) => {
        sent = JSON.stringify(headers)
        const error = { type: 'authentication_error', message: `wrong key: ${KEY}` }
        response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error }))
      },
      choose,
    )
    assert.ok(sent.includes(KEY), 'the endpoint was sent the key')
    assert.match(said, /the model failed: HTTP 401, .*‹hidden›/)
    assert.ok(!said.includes(KEY) && !said.includes('secret question'), said)
  })

  test(`${name}: the key is not carried to where the endpoint redirects`, async (t) => {
    const asked: (string | undefined)[] = []
    await failAt(
      t,
      ({ url }, response) => {
        asked.push(url)
        response.writeHead(307, { location: '/elsewhere' }).end()
      },
      choose,
    )
    assert.ok(asked.length > 0 && !asked.includes('/elsewhere'), asked.join())
  })
}
