import { z } from 'zod'
import { needsPrecondition, type Operation } from './operation.ts'
import { operations } from './operations.ts'
import { Problem } from './problem.ts'
import { paging } from './wire.ts'

type Json = Readonly<Record<string, unknown>>

/** The contract as an OpenAPI 3.1 document, for the server whose issuer is given. */
export function openApiDocument(issuer: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of operations) {
    const methods = (paths[operation.path] ??= {})
    methods[operation.method.toLowerCase()] = describeOperation(operation)
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Permitry admin API',
      version: '1',
      description: 'Everything that the console does. Access tokens are those of the resource `{issuer}/admin`.',
    },
    servers: [{ url: `${issuer}/admin/v1` }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem: schemaOf(Problem, 'output') },
    },
  }
}

function describeOperation(operation: Operation): Json {
  const { id, summary, scope, sensitive, body, response, status } = operation
  const success = String(status ?? (response ? 200 : 204))
  return {
    operationId: id,
    summary,
    tags: [id.split('.')[0]],
    description: `Scope: \`${scope}\`.${sensitive ? ' Needs a login that is not older than 15 minutes.' : ''}`,
    'x-scope': scope,
    ...(sensitive && { 'x-sensitive': true }),
    parameters: parametersOf(operation),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } },
    }),
    responses: {
      [success]: {
        description: response ? 'Done.' : 'Done; the answer is empty.',
        ...(operation.etag && response && { headers: { ETag: { schema: { type: 'string' } } } }),
        ...(response && { content: { 'application/json': { schema: answerOf(operation, response) } } }),
      },
      default: {
        description: 'Refused.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function answerOf({ paginated }: Operation, response: z.ZodType): Json {
  const schema = schemaOf(response, 'output')
  if (!paginated) return schema
  return {
    type: 'object',
    properties: { items: { type: 'array', items: schema }, next_cursor: { type: ['string', 'null'] } },
    required: ['items', 'next_cursor'],
  }
}

function parametersOf(operation: Operation): Json[] {
  const { path, method, params, query, paginated } = operation
  const text: Json = { type: 'string', minLength: 1, maxLength: 2048 }
  const shape: Readonly<Record<string, z.core.$ZodType>> = params?.shape ?? {}
  const segments = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']): Json => {
    const known = shape[name]
    return { name, in: 'path', required: true, schema: known ? schemaOf(known, 'input') : text }
  })
  const header = (name: string, required: boolean, description: string): Json => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  })
  const conditional = needsPrecondition(operation)
  return [
    ...segments,
    ...queryParameters(query),
    ...(paginated ? queryParameters(paging) : []),
    ...(conditional ? [header('If-Match', method !== 'PUT', 'The ETag of what is changed.')] : []),
    ...(conditional && method === 'PUT' ? [header('If-None-Match', false, '`*` makes what is not there yet.')] : []),
    ...(method === 'POST'
      ? [header('Idempotency-Key', false, 'Repeated within 24 hours, nothing is done twice.')]
      : []),
  ]
}

function queryParameters(query: z.ZodObject | undefined): Json[] {
  const shape: Readonly<Record<string, z.core.$ZodType>> = query?.shape ?? {}
  return Object.entries(shape).map(([name, type]) => {
    const { description, ...schema } = schemaOf(type, 'input')
    return { name, in: 'query', required: false, ...(description !== undefined && { description }), schema }
  })
}

function schemaOf(type: z.core.$ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' })
  return schema
}
