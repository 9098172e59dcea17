import { AdminError, createAdminClient, problemType, type ProblemKind, type Send } from '@permitry/admin-api'
import { CONSOLE } from './base.ts'

/** Asks the backend of the console; the header says that it is this script that asks, and no page of somebody else. */
export const send: Send = (url, init) => {
  const headers = new Headers(init.headers)
  headers.set('Permitry-Console', '1')
  return fetch(url, { ...init, headers, redirect: 'error' })
}

/** The admin API, through the backend that holds the token. */
export const admin = createAdminClient(send, `${CONSOLE}/api/v1`)

/** Whether something failed for this reason. */
export function isProblem(error: unknown, kind: ProblemKind): error is AdminError {
  return error instanceof AdminError && error.problem.type === problemType(kind)
}
