import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AdminError, createAdminClient, type Send } from './client.ts'

const role = { id: 'a/b', name: 'A', description: '', scopes: {}, built_in: false }

function recording(answer: Response): { send: Send; sent: { url: string; init: RequestInit }[] } {
  const sent: { url: string; init: RequestInit }[] = []
  return { sent, send: (url, init) => (sent.push({ url, init }), Promise.resolve(answer)) }
}

test('a call fills the path, and says which version it changes', async () => {
  const { send, sent } = recording(Response.json(role, { headers: { etag: '"2"' } }))
  const { call } = createAdminClient(send, 'https://example.org/admin/v1')
  const done = await call('roles.put', { params: { id: 'a/b' }, body: { name: 'A' }, ifMatch: '"1"' })
  assert.deepEqual(done, { value: role, etag: '"2"' })
  const [request] = sent
  assert.equal(request?.url, 'https://example.org/admin/v1/roles/a%2Fb')
  assert.equal(request.init.method, 'PUT')
  assert.equal(new Headers(request.init.headers).get('if-match'), '"1"')
  assert.equal(request.init.body, '{"name":"A"}')
})

test('a list is asked for with filters and a cursor', async () => {
  const { send, sent } = recording(Response.json({ items: [role], next_cursor: null }))
  const { value } = await createAdminClient(send, '/admin/v1').call('roles.list', {
    query: { q: 'vet & co', cursor: 'c' },
  })
  assert.deepEqual(value.items, [role])
  assert.equal(sent[0]?.url, '/admin/v1/roles?q=vet+%26+co&cursor=c')
})

test('a refusal is thrown as the problem that it is', async () => {
  const problem = { type: 'urn:permitry:problem:not_found', title: 'There is no such thing', status: 404 }
  const { send } = recording(Response.json(problem, { status: 404 }))
  await assert.rejects(
    createAdminClient(send, '').call('roles.get', { params: { id: 'x' } }),
    (error) => error instanceof AdminError && error.problem.type === problem.type,
  )
})

test('an answer of something in between, such as a proxy, is told by its status', async () => {
  const { send } = recording(new Response('<html>', { status: 504 }))
  await assert.rejects(createAdminClient(send, '').call('roles.list'), (error) => {
    return error instanceof AdminError && error.problem.status === 504
  })
})
