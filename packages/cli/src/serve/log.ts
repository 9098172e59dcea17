import type { Writable } from 'node:stream'
import { pino, type Logger } from 'pino'
import { scrub } from './scrub.ts'

/** What a log line may carry. Whole requests, headers and bodies are not among it. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Structured logs, one JSON object a line. */
export interface Log {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  /** A fault with its cause and stack, freed from what must not be read. */
  error(message: string, fault: unknown, fields?: LogFields): void
}

/**
 * Writes logs that nobody can sign in with: fields are chosen one by one, every text is scrubbed, and fields that are
 * called like a secret are dropped whatever they hold.
 */
export function createLog(stream: Writable): Log {
  const logger: Logger = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['authorization', 'cookie', 'code', 'token', 'password', 'secret'], censor: '[redacted]' },
    },
    stream,
  )
  return {
    info: (message, fields) => logger.info(scrubFields(fields), scrub(message)),
    warn: (message, fields) => logger.warn(scrubFields(fields), scrub(message)),
    error: (message, fault, fields) => logger.error({ ...scrubFields(fields), fault: describe(fault) }, scrub(message)),
  }
}

function scrubFields(fields: LogFields = {}): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? scrub(value) : value]),
  )
}

/** Drivers hang parameters and whole rows onto their errors, so only the parts that programs put into words are taken. */
function describe(fault: unknown): object {
  if (!(fault instanceof Error)) return { message: scrub(String(fault)) }
  const code = 'code' in fault && typeof fault.code === 'string' ? { errorCode: scrub(fault.code) } : {}
  const cause = fault.cause === undefined ? {} : { cause: describe(fault.cause) }
  return { name: fault.name, message: scrub(fault.message), ...code, stack: scrub(fault.stack ?? ''), ...cause }
}
