export { type AdminClient, AdminError, type Answered, createAdminClient, type Send } from './client.ts'
export {
  type BodyOf,
  needsPrecondition,
  type Operation,
  type Page,
  type ParamsOf,
  type QueryOf,
  type ResponseOf,
} from './operation.ts'
export { type OperationId, operationOf, operations, type Operations } from './operations.ts'
export { openApiDocument } from './openapi.ts'
export { Fault, Problem, type ProblemKind, PROBLEMS, problemType } from './problem.ts'
export { ADMIN_SCOPES, type AdminScope } from './scopes.ts'
export { paging } from './wire.ts'
