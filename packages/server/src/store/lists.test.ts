// Lists that operators page through: what is in them, and that no page reads a whole table.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type KyselyPlugin, type RootOperationNode, SqliteQueryCompiler } from 'kysely'
import { type InTenant, inTenant } from './in-tenant.ts'
import type { Page, Position } from './repositories/page.ts'
import type { Store } from './store.ts'
import { describeOnEachDatabase, emptySqlite } from './testing/databases.ts'
import { DECISION } from './testing/everything.ts'
import { openTestStore } from './testing/stores.ts'
import { NOW, readIn, tellStory, unitIn } from './testing/story.ts'

const PEOPLE = ['Ada Lovelace', 'Anna de Wit', 'Émile Zola', 'ada b.', 'Zoë Äkerman']

async function addPeople(store: Store): Promise<void> {
  await unitIn(store, 'default', async (t) => {
    for (const [index, name] of PEOPLE.entries()) {
      const username = `user${index}`
      const email = index === 0 ? 'countess@example.com' : null
      await t.subjectDefinitions.put({ id: `usr_${index}`, username, name, email, roles: [], groups: [] }, NOW)
    }
    await t.agents.put({ id: 'adabot', name: 'Ada bot', owner: null, roles: [] }, NOW)
  })
}

/** Everything that pages of one item bring, in their order. */
async function allPages<T>(store: Store, page: (t: InTenant, behind: Position | undefined) => Promise<Page<T>>) {
  const items: T[] = []
  let behind: Position | undefined
  do {
    const { items: some, next } = await readIn(store, 'default', (t) => page(t, behind))
    assert.equal(some.length, 1)
    items.push(...some)
    behind = next
  } while (behind)
  return items
}

describeOnEachDatabase('a list of people', (emptyDatabase) => {
  const search = (store: Store, startsWith: string, kind: 'person' | 'agent' = 'person') =>
    readIn(store, 'default', async (t) => {
      const { items } = await t.subjectList.page({ kind, startsWith, behind: undefined, most: 10 })
      return items
    })

  it('is in the order of names whatever their letter case and accents, page by page', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    await addPeople(store)
    const ids = await allPages(store, (t, behind) =>
      t.subjectList.page({ kind: 'person', startsWith: '', behind, most: 1 }),
    )
    assert.deepEqual(ids, ['usr_3', 'usr_0', 'usr_1', 'usr_2', 'usr_4'])
  })

  it('finds people by the beginning of a name, of a word of it, of the user name and of the address', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    await addPeople(store)
    assert.deepEqual(await search(store, 'ADA'), ['usr_3', 'usr_0'])
    assert.deepEqual(await search(store, 'de w'), ['usr_1'])
    assert.deepEqual(await search(store, 'emile'), ['usr_2'])
    assert.deepEqual(await search(store, 'ak'), ['usr_4'])
    assert.deepEqual(await search(store, 'user2'), ['usr_2'])
    assert.deepEqual(await search(store, 'countess@'), ['usr_0'])
    assert.deepEqual(await search(store, 'ada', 'agent'), ['adabot'])
    for (const nobody of ['da', '%', '_', "' or 1=1", 'user22']) assert.deepEqual(await search(store, nobody), [])
  })

  it('has each person once who is found by several words, and forgets a name with its change and with the person', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    await addPeople(store)
    const put = (name: string) => (t: InTenant) =>
      t.subjectDefinitions.put(
        { id: 'usr_0', username: 'ada', name, email: 'ada@example.com', roles: [], groups: [] },
        NOW,
      )
    await unitIn(store, 'default', put('Ada Adams'))
    const ids = await allPages(store, (t, behind) =>
      t.subjectList.page({ kind: 'person', startsWith: 'ad', behind, most: 1 }),
    )
    assert.deepEqual(ids.toSorted(), ['usr_0', 'usr_3'])
    assert.deepEqual(await search(store, 'lovelace'), [])
    await unitIn(store, 'default', (t) => t.subjectDefinitions.remove('usr_0'))
    assert.deepEqual(await search(store, 'ad'), ['usr_3'])
  })

  it('finds who holds a role by themselves, through a group or both, each once', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    await tellStory(store, 'default')
    await unitIn(store, 'default', async (t) => {
      const person = { name: 'X', username: null, email: null }
      await t.subjectDefinitions.put({ id: 'own', ...person, roles: ['owner'], groups: [] }, NOW)
      await t.subjectDefinitions.put({ id: 'through', ...person, roles: [], groups: ['owners'] }, NOW)
      await t.subjectDefinitions.put({ id: 'none', ...person, roles: [], groups: [] }, NOW)
    })
    const holders = await allPages(store, (t, behind) => t.subjectList.holders('owner', behind, 1))
    assert.deepEqual(holders, ['bob', 'own', 'through'])
    const members = await allPages(store, (t, behind) => t.subjectList.members('owners', behind, 1))
    assert.deepEqual(members, ['bob', 'through'])
  })
})

describeOnEachDatabase('a list of what happened', (emptyDatabase) => {
  it('has grants and sessions of one moment once each over pages, and not what has ended', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    await tellStory(store, 'default')
    await unitIn(store, 'default', async (t) => {
      const grant = (await t.grants.findLivingById('grant')) ?? assert.fail()
      for (const serverId of ['', 'b', 'c']) await t.grants.put({ ...grant, id: `grant-${serverId}`, serverId }, NOW)
      await t.grants.end('grant-c', NOW)
      const session = (await t.sessions.find('session')) ?? assert.fail()
      for (const id of ['two', 'three']) await t.sessions.add({ ...session, id, secret_hash: id })
      await t.sessions.end('three', NOW)
    })
    const grants = await allPages(store, (t, behind) => t.grantList.page({ clientId: 'app', behind, most: 1 }))
    assert.deepEqual(grants.map(({ id }) => id).toSorted(), ['grant', 'grant-', 'grant-b'])
    const sessions = await allPages(store, (t, behind) =>
      t.sessionList.page({ subjectId: 'bob', behind, most: 1 }, NOW),
    )
    assert.deepEqual(sessions.map(({ id }) => id).toSorted(), ['session', 'two'])
  })

  it('tells the last use of a grant from the decisions of its families', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    await tellStory(store, 'default')
    await unitIn(store, 'default', (t) =>
      t.decisions.add([
        DECISION,
        { ...DECISION, id: 'dec_later', at: NOW + 5, itemName: 'update_pet', outcome: 'never' },
      ]),
    )
    const uses = await readIn(store, 'default', (t) => t.grantList.lastUses(['grant', 'none']))
    assert.deepEqual([...uses], [['grant', { at: NOW + 5, type: 'tool', name: 'update_pet', outcome: 'never' }]])
  })

  it('has decisions of one moment once each over pages, also several under one id', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    await tellStory(store, 'default')
    const names = ['a', 'b', 'c'].flatMap((itemName) => ['dec_1', 'dec_2'].map((id) => ({ ...DECISION, id, itemName })))
    await unitIn(store, 'default', (t) => t.decisions.add([...names, { ...DECISION, id: 'dec_0', at: NOW - 1 }]))
    const all = await allPages(store, (t, behind) => t.decisions.page({ most: 1 }, behind))
    assert.deepEqual(
      all.map(({ id, itemName }) => `${id} ${itemName}`),
      ['dec_1 a', 'dec_1 b', 'dec_1 c', 'dec_2 a', 'dec_2 b', 'dec_2 c', 'dec_0 list_pets'],
    )
  })
})

/** Collects what a lookup asks of the database. */
function listener(): { readonly nodes: RootOperationNode[]; readonly plugin: KyselyPlugin } {
  const nodes: RootOperationNode[] = []
  return {
    nodes,
    plugin: {
      transformQuery({ node }) {
        nodes.push(node)
        return node
      },
      transformResult: ({ result }) => Promise.resolve(result),
    },
  }
}

const LISTS: Readonly<Record<string, (t: InTenant) => Promise<unknown>>> = {
  'all people': (t) => t.subjectList.page({ kind: 'person', startsWith: '', behind: ['61', 'x'], most: 50 }),
  'people by a prefix': (t) => t.subjectList.page({ kind: 'person', startsWith: 'a', behind: ['61', 'x'], most: 50 }),
  'members of a group': (t) => t.subjectList.members('group', ['x'], 50),
  'all grants': (t) => t.grantList.page({ behind: [NOW, 'x'], most: 50 }),
  'grants of a client': (t) => t.grantList.page({ clientId: 'app', behind: [NOW, 'x'], most: 50 }),
  'grants at a server': (t) => t.grantList.page({ serverId: 'vet', behind: [NOW, 'x'], most: 50 }),
  'all sessions': (t) => t.sessionList.page({ behind: [NOW, 'x'], most: 50 }, NOW),
  'sessions of a person': (t) => t.sessionList.page({ subjectId: 'bob', behind: [NOW, 'x'], most: 50 }, NOW),
  'all of the audit': (t) => t.auditEntries.page({ behind: [NOW, 'x', 1], most: 50 }),
  'the audit by type': (t) => t.auditEntries.page({ type: 'token.minted', most: 50 }),
  'the audit of a person': (t) => t.auditEntries.page({ subjectId: 'bob', since: 1, behind: [NOW, 'x', 1], most: 50 }),
  'the audit of a client': (t) => t.auditEntries.page({ clientId: 'app', until: NOW, most: 50 }),
  'all decisions': (t) => t.decisions.page({ most: 50 }, [NOW, 'x', 'vet', 'tool', 'y']),
  'decisions about a person': (t) => t.decisions.page({ subjectId: 'bob', most: 50 }, [NOW, 'x', 'vet', 'tool', 'y']),
  'decisions of a server': (t) => t.decisions.page({ serverId: 'vet', refusedOnly: true, most: 50 }, undefined),
}

/** What SQLite does for a lookup beyond going along an index. */
async function detours(store: Store, list: (t: InTenant) => Promise<unknown>): Promise<string[]> {
  const { nodes, plugin } = listener()
  await store.read((db) => list(inTenant(db.withPlugin(plugin), 'default')))
  assert.ok(nodes.length > 0)
  const found: string[] = []
  for (const query of nodes) {
    const queryId = { queryId: 'explain' }
    const compiled = new SqliteQueryCompiler().compileQuery(query, queryId)
    const explained = { ...compiled, sql: `explain query plan ${compiled.sql}` }
    const rows = await store.scan<{ detail: string }>(() => ({ compile: () => explained }))
    const steps = rows.map(({ detail }) => detail)
    found.push(...steps.filter((step) => /^SCAN|TEMP B-TREE FOR (ORDER BY|DISTINCT)/.test(step)))
  }
  return found
}

describe('a page', () => {
  it('is read along an index, and sorted only where moments are the same', async (t) => {
    const store = await openTestStore(t, emptySqlite)
    for (const [name, list] of Object.entries(LISTS)) assert.deepEqual(await detours(store, list), [], name)
    const everybody = ({ db }: InTenant) => db.selectFrom('subjects').selectAll().orderBy('email').execute()
    assert.deepEqual(await detours(store, everybody), ['SCAN subjects', 'USE TEMP B-TREE FOR ORDER BY'])
  })
})
