// PostgreSQL runs units side by side: what one goes on with must not be ended by another before it is through.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InTenant } from './in-tenant.ts'
import { describeOnEachDatabase } from './testing/databases.ts'
import { openTestStore } from './testing/stores.ts'
import { addFamily, NOW, readIn, tellStory, unitIn } from './testing/story.ts'

interface Case {
  readonly hold: (t: InTenant) => Promise<unknown>
  readonly begin?: (t: InTenant) => Promise<void>
  readonly end: (t: InTenant) => Promise<unknown>
  /** What must not be left of it. */
  readonly leftOver?: (t: InTenant) => Promise<readonly unknown[]>
}

const cases: Readonly<Record<string, Case>> = {
  'a session, with the family that it begins': {
    hold: (t) => t.sessions.holdLiving('session-secret', NOW),
    begin: (t) => addFamily(t, 'begun'),
    async end(t) {
      await t.sessions.endAllOf('bob', NOW)
      await t.families.endAll({ subjectId: 'bob' }, 'password changed', NOW)
    },
    leftOver: (t) => t.families.allLiving({ subjectId: 'bob' }, NOW),
  },
  'a person who signs in': {
    hold: async (t) => (await t.subjects.hold('bob'))?.password_hash === null,
    end: (t) => t.subjectDefinitions.setPasswordHash('bob', 'hash', NOW),
  },
  'a grant that is joined to': { hold: (t) => t.grants.holdLiving('grant'), end: (t) => t.grants.end('grant', NOW) },
}

describeOnEachDatabase('a unit holds', (emptyDatabase) => {
  for (const [name, { hold, begin, end, leftOver }] of Object.entries(cases)) {
    test(`${name}, until it is through; what has ended is not held`, async (t) => {
      const store = await openTestStore(t, emptyDatabase)
      await tellStory(store, 'default')
      const through: string[] = []
      const holding = Promise.withResolvers<void>()
      const first = unitIn(store, 'default', async (inTenant) => {
        assert.ok(await hold(inTenant))
        holding.resolve()
        // As long as a unit may take: whoever did not wait would be through by then.
        for (let query = 0; query < 200; query++) await inTenant.tenants.current()
        await begin?.(inTenant)
        through.push('first')
      })
      await holding.promise
      const second = unitIn(store, 'default', async (inTenant) => {
        await end(inTenant)
        through.push('second')
      })
      await Promise.all([first, second])
      assert.deepEqual(through, ['first', 'second'])
      if (leftOver) assert.deepEqual(await readIn(store, 'default', leftOver), [])
      assert.ok(!(await unitIn(store, 'default', hold)))
    })
  }
})
