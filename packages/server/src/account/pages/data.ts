import { dataPage } from '../../html/index.ts'
import { page } from '../../http/pages.ts'
import { exportPerson } from './export-person.ts'
import { placeUrl } from './places.ts'
import { seal } from './proof.ts'
import { accountForm, accountPlace, accountView } from './visit.ts'

/** `GET /account/data`: what the person can take along, or have deleted. */
export const dataForm = accountPlace('data', (visit) => {
  const { realm, c, signedIn } = visit
  const form = { action: placeUrl(realm, 'data'), hidden: seal(realm, signedIn, 'data', { act: 'export' }) }
  return page(c, dataPage({ ...accountView(visit), form }))
})

/** `POST /account/data`: one JSON file, sent as it is read, because years of tool calls do not fit into memory. */
export const dataSubmit = accountForm('data', ({ realm, c, signedIn }) => {
  c.header('Content-Type', 'application/json; charset=utf-8')
  c.header('Content-Disposition', 'attachment; filename="permitry-account.json"')
  c.header('Cache-Control', 'no-store')
  c.header('X-Content-Type-Options', 'nosniff')
  return c.body(ReadableStream.from(exportPerson(realm, signedIn.subject)).pipeThrough(new TextEncoderStream()))
})
