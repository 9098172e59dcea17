import { checkRegisteredRedirectUri, err, ok, type Result } from '@permitry/oauth'
import { isReserved } from '../access/admin-api.ts'
import { addClient, putClient, removeClient, resumeClient, suspendClient } from '../commands/client.ts'
import { commandUnit, type Operator, runCommand } from '../commands/run.ts'
import { CLIENT_TEMPLATES } from '../config/client-templates.ts'
import { makeClient, type NewClient } from '../config/new-client.ts'
import { newSecret, sha256 } from '../keys/secrets.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import { act, changeDefinition, find, putDefinition } from './change.ts'
import { fromWire, clientOf } from './client-wire.ts'
import type { HandlersOf } from './handler.ts'
import { type Refusal, refusalOf, type Target } from './refusal.ts'

const clientTarget = (id: string): Target => ({ kind: 'client', id })

export const clients: HandlersOf<'clients'> = {
  async 'clients.list'({ realm, query, page }) {
    const { q: containing, registration } = query
    return ok(await realm.read((t) => t.clientList.page({ containing, registration, ...page })))
  },

  'clients.templates': () => Promise.resolve(ok(TEMPLATES)),

  'clients.check_redirect_uri': ({ query }) => {
    const problem = checkRegisteredRedirectUri(query.uri, query.type) ?? null
    return Promise.resolve(ok({ valid: problem === null, problem }))
  },

  'clients.get': (request) => find(request, clientTarget(request.params.id), clientOf(request.params.id)),

  async 'clients.create'({ realm, operator, body }) {
    // What is left out is no key: the rules tell a missing value from an empty one.
    const sent = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
    const made = makeClient(structuredClone(sent) as unknown as NewClient)
    if (!made.ok) return err({ kind: 'invalid', detail: made.error })
    const { definition, secret } = made.value
    const done = await runCommand(operator, addClient, definition)
    if (!done.ok) return err(refusalOf(done.error, clientTarget(body.id)))
    const client = await realm.read(clientOf(body.id))
    if (!client) throw new Error(`the client \`${body.id}\` is gone as soon as it was made`)
    return ok({ client, ...(secret !== undefined && { secret }) })
  },

  'clients.put': (request) => {
    const { id } = request.params
    // What was not there has no version that could have been read, so that here there is always one before.
    const input = async ({ t }: { t: InTenant }) => fromWire(id, request.body, await t.clientDefinitions.find(id))
    return putDefinition(request, { target: clientTarget(id), command: putClient, input, read: clientOf(id) })
  },

  async 'clients.delete'(request) {
    const { id } = request.params
    const change = { target: clientTarget(id), command: removeClient, input: () => ({ id }), read: clientOf(id) }
    const done = await changeDefinition(request, change)
    return done.ok ? ok(undefined) : done
  },

  'clients.suspend': (request) => act(request, suspendClient, request.params, clientTarget(request.params.id)),

  'clients.resume': (request) => act(request, resumeClient, request.params, clientTarget(request.params.id)),

  async 'clients.renew_secret'({ operator, params }) {
    const secret = newSecret()
    const done = await changeClient(operator, params.id, (client) => ({ ...client, secretHash: sha256(secret) }))
    return done.ok ? ok({ secret }) : done
  },

  'clients.authorize': ({ operator, params, body }) =>
    changeClient(operator, params.id, (client) => ({
      ...client,
      servers: { ...client.servers, [params.server]: body.scopes },
    })),

  'clients.unauthorize': ({ operator, params }) =>
    changeClient(operator, params.id, (client) => {
      const { [params.server]: _, ...servers } = client.servers
      return { ...client, servers }
    }),
}

const TEMPLATES = Object.entries(CLIENT_TEMPLATES).map(([name, template]) => ({
  name: name as keyof typeof CLIENT_TEMPLATES,
  about: template.about,
  types: template.types,
  auths: template.auths,
  grant_types: template.grantTypes,
  needs_owner: template.needsOwner,
}))

/** Changes one thing about a client, whatever else somebody changes at the same time. */
async function changeClient(
  operator: Operator,
  id: string,
  change: (client: ClientDefinition) => ClientDefinition,
): Promise<Result<undefined, Refusal>> {
  const done = await commandUnit(operator, async (context) => {
    await context.t.tenants.lock()
    const client = isReserved(id) ? undefined : await context.t.clientDefinitions.find(id)
    return client ? putClient(context, change(client)) : err({ reason: 'unknown', kind: 'client', id })
  })
  return done.ok ? ok(undefined) : err(refusalOf(done.error, clientTarget(id)))
}
