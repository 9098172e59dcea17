// Somebody at the console without a browser: cookies as they are set, and the requests that the page's script makes.
import assert from 'node:assert/strict'
import { Browser, type Person, signIn, type Stack } from '@permitry/testkit'

export interface ConsoleVisitor {
  readonly browser: Browser
  /** Asks the console's backend as its script does; headers may be added, or taken away with an empty value. */
  ask(path: string, init?: { method?: string; headers?: Record<string, string>; body?: string }): Promise<Response>
}

/** A browser that has signed in at the console. */
export async function atConsole(stack: Stack, person: Person, base = stack.issuer): Promise<ConsoleVisitor> {
  const browser = new Browser()
  const page = await signIn(browser, await browser.open(`${base}/console/login`), person)
  const landed = page.url.includes('/consent?') ? await browser.submit(page, { decision: 'allow' }) : page
  assert.equal(landed.url, `${base}/console`)
  return visitorOf(base, browser)
}

/** What this browser can ask the console's backend of a tenant. */
export function visitorOf(base: string, browser: Browser, cookie?: string): ConsoleVisitor {
  const { origin } = new URL(base)
  return {
    browser,
    ask(path, { headers: more = {}, ...init } = {}) {
      const headers = new Headers({ 'permitry-console': '1', cookie: cookie ?? browser.cookies(origin) })
      for (const [name, value] of Object.entries(more)) {
        if (value === '') headers.delete(name)
        else headers.set(name, value)
      }
      return fetch(`${base}/console${path}`, { ...init, headers, redirect: 'manual' })
    },
  }
}

/** Makes the example's administrator an owner, in every tenant of a stack. */
export function makeOwner(stack: Stack): Promise<void> {
  return giveRole(stack, 'usr_admin', 'permitry-owner')
}

/** Gives a role to somebody of the example who may have it already, in every tenant of a stack. */
export async function giveRole(stack: Stack, subjectId: string, roleId: string): Promise<void> {
  await stack.store.unit(async (db) => {
    for (const { tenant } of await db.selectFrom('subjects').select('tenant').where('id', '=', subjectId).execute())
      await db
        .insertInto('subject_roles')
        .values({ tenant, subject_id: subjectId, role_id: roleId })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
  })
}
