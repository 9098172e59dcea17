// Two tenants of one server, in which everything has the same names, passwords and scopes: what is held in one is in the
// other what nobody ever issued.
import assert from 'node:assert/strict'
import { after, before, describe, it, test } from 'node:test'
import fc from 'fast-check'
import { endpointNames } from '@permitry/server'
import { startStack, type Stack } from '@permitry/testkit'
import { bearer, CASES, requestOf, type TenantCase } from './tenants/cases.ts'
import { collect, type Kit } from './tenants/kit.ts'
import { addSecondClinic } from './world.ts'

const NOW = Date.now()

let stack: Stack
let kits: readonly [Kit, Kit]
before(async () => {
  // The clock stands still, so that no code expires while others are tried.
  stack = await startStack({ now: () => NOW, trustedProxies: ['127.0.0.1'] })
  const second = await addSecondClinic(stack, () => NOW)
  kits = [await collect(stack, 'default', stack.issuer, NOW), await collect(stack, 'second', second, NOW)]
})
after(() => stack.close())

test('every endpoint of the server is driven', () => {
  assert.deepEqual(new Set(CASES.map(({ endpoint }) => endpoint)), new Set(endpointNames()))
})

test('no key of one tenant is published in the other', () => {
  const [one, other] = kits
  assert.ok(one.kids.length > 0 && other.kids.length > 0)
  assert.deepEqual(
    one.kids.filter((kid) => other.kids.includes(kid)),
    [],
  )
})

describe('what is held in one tenant is nothing in the other', () => {
  for (const tried of CASES)
    it(titleOf(tried), async () => {
      await fc.assert(
        fc.asyncProperty(fc.boolean(), fc.infiniteStream(fc.boolean()), async (swap, choice) => {
          const [at, from] = swap ? [kits[1], kits[0]] : kits
          const [own, foreign] = [tried.parts(at), tried.parts(from)]
          const chosen = Object.keys(own).filter(() => choice.next().value)
          const names = chosen.length > 0 ? chosen : Object.keys(own)
          const withForeign = names.map((name) => [name, foreign[name] ?? ''] as const)
          const withNothing = withForeign.map(([name, value]) => [name, neverIssued(value)] as const)
          const answer = await answerTo(tried, at, { ...own, ...Object.fromEntries(withForeign) })
          const expected = await answerTo(tried, at, { ...own, ...Object.fromEntries(withNothing) })
          assert.deepEqual(answer, expected, `${names.join(', ')} of the other tenant`)
        }),
        { numRuns: 25 },
      )
    })
})

describe('and at home it counts, after all of that', () => {
  for (const tried of CASES.filter(({ parts }) => parts !== bearer))
    it(titleOf(tried), async () => {
      for (const kit of kits) {
        const own = tried.parts(kit)
        const nothing = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, neverIssued(value)]))
        const refused = await answerTo(tried, kit, nothing)
        const accepted = await answerTo(tried, kit, own)
        assert.ok(accepted.status < 400, JSON.stringify(accepted))
        if (!tried.answersAlike) assert.notDeepEqual(accepted, refused)
      }
    })
})

function titleOf({ endpoint, name }: TenantCase): string {
  return name === undefined ? endpoint : `${endpoint}, ${name}`
}

/** A value of the same form that nobody issued: of a JWT the signature is another one. */
function neverIssued(value: string): string {
  return value.replace(
    /^((?:[\w-]+\.){2}|[a-z]{3}_)?(.{4})(.*)(.{4})$/,
    (_, prefix = '', first, middle: string, last) => {
      const turned = middle.replace(/[A-Za-z0-9]/g, (letter) => (letter === 'A' ? 'B' : 'A'))
      return `${prefix}${first}${turned}${last}`
    },
  )
}

/** What somebody sees of an answer, without ids and secrets that are made anew for each. */
async function answerTo(tried: TenantCase, kit: Kit, parts: Readonly<Record<string, string>>) {
  const response = await fetch(requestOf(tried, kit, parts))
  const plain = (text: string): string => text.replaceAll(/[\w-]{20,}(?:\.[\w-]{20,})*/g, '#')
  const headers = [...response.headers].filter(([name]) => !['date', 'content-length'].includes(name))
  return {
    status: response.status,
    headers: headers.map(([name, value]) => `${name}: ${plain(value)}`),
    text: plain(await response.text()),
  }
}
