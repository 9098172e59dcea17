import { z } from 'zod'
import { activityPage } from '../../html/index.ts'
import { errorResponse, page } from '../../http/pages.ts'
import type { Position } from '../../store/repositories/page.ts'
import { callViews } from './calls.ts'
import { placeUrl } from './places.ts'
import { accountPlace, accountView } from './visit.ts'

const CALLS_OF_A_PAGE = 25
const MOST_CHARACTERS = 2_000

/** When, and then what tells calls of one moment apart, as `decisions.page` orders them. */
const Cursor = z.tuple([z.int(), z.string(), z.string(), z.enum(['tool', 'prompt', 'resource']), z.string()])

/** `GET /account/activity`: every tool call in the person's name. A cursor is only a place in the person's own list. */
export const activity = accountPlace('activity', async (visit) => {
  const { realm, c, signedIn } = visit
  const cursor = c.req.query('cursor')
  const behind = cursor === undefined ? undefined : positionOf(cursor)
  if (cursor !== undefined && !behind) return errorResponse(c, { cause: 'request_malformed' })
  const { calls, next } = await realm.read(async (t) => {
    const found = await t.decisions.page({ subjectId: signedIn.subject.id, most: CALLS_OF_A_PAGE }, behind)
    return { calls: await callViews(t, found.items), next: found.next }
  })
  const url = placeUrl(realm, 'activity')
  return page(
    c,
    activityPage({
      ...accountView(visit),
      calls,
      ...(next ? { olderUrl: `${url}?cursor=${cursorOf(next)}` } : {}),
      ...(behind ? { newestUrl: url } : {}),
    }),
  )
})

function cursorOf(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

function positionOf(cursor: string): Position | undefined {
  if (cursor.length > MOST_CHARACTERS) return undefined
  try {
    return Cursor.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).data
  } catch {
    return undefined
  }
}
