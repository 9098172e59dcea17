import type { FastifyInstance } from 'fastify'
import type { Protect } from '../guard.ts'
import { admitNode } from './node.ts'

/**
 * Puts the guard in front of a Fastify app, whatever plugins it has: call it on the root instance, before `listen`. It
 * serves the metadata, refuses what is not allowed, and sets `request.raw.auth`; `request.body` is the message as the
 * guard has parsed it. No plugin, since plugins are loaded in turn, and routes of those before it would stay open.
 */
export function guardFastify(app: FastifyInstance, protect: Protect): void {
  app.addHook('onRequest', async (request, reply) => {
    if (await admitNode(protect, request.raw, reply.raw)) return undefined
    // Answered already: Fastify sends nothing of its own.
    return reply.hijack()
  })
  // The bytes have been read; a second parser could read another message in them.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request, _payload, done) => {
    const { body }: { readonly body?: unknown } = request.raw as { readonly body?: unknown }
    done(null, body)
  })
}
