import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { REVISIONS } from './call.ts'
import { clients } from './clients/index.ts'
import { hostsOfClients } from './published.ts'
import { replay } from './replay.ts'
import { startWorld, type World } from './world.ts'

let world: World
before(async () => (world = await startWorld({ outbound: hostsOfClients })))
after(() => world[Symbol.asyncDispose]())

/** Another port at each sign-in, as with clients that listen wherever the system lets them. */
let port = 40_000

for (const client of clients) {
  describe(client.name, () => {
    for (const [index, introduction] of client.introductions.entries()) {
      for (const revision of REVISIONS) {
        test(`by ${introduction.by} (${index + 1}) at ${revision}: signs Bob in, lists his pets, and does so again with a refreshed token`, async () => {
          const { tokens, pets, later } = await replay(world, { client, introduction, revision, port: ++port })
          assert.match(JSON.stringify(pets), /Fido/)
          assert.equal(later !== undefined, tokens['refresh_token'] !== undefined)
          if (later !== undefined) assert.deepEqual(petsOf(later), petsOf(pets))
        })
      }
    }
  })
}

test('ChatGPT proves itself with the keys that its document names, as it prefers', async () => {
  const client = await world.stack.store.read((db) =>
    db.selectFrom('clients').selectAll().where('id', '=', 'https://chatgpt.com/oauth/client.json').executeTakeFirst(),
  )
  assert.equal(client?.auth_method, 'private_key_jwt')
})

function petsOf({ result }: Record<string, unknown>): unknown {
  return (result as { structuredContent: unknown }).structuredContent
}
