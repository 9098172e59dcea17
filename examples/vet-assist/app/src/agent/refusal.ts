// Why something was not done, in words that a pet owner understands: from what the token response left out, and from what the
// clinic's server says itself.
import { inWords } from '../clinic/scope-words.ts'

/** What the clinic's server said of a call that it did not do. */
export interface Refusal {
  /** Whether it was about permission. If not, the call was allowed and did not work out. */
  permission: boolean
  why: string
  decision?: string
}

const DECISION = /\s*\(decision (dec_[\w-]+)\)\s*$/
const NEVER = /^Not permitted: \S+ needs the permission (.+?), which this person's roles do not give/
const REFUSED = /^Refused: (.*)$/s

/** Reads the text of an error result; `asked` are scopes that the app asked for and did not get. */
export function readRefusal(text: string, asked: readonly string[]): Refusal {
  const decision = DECISION.exec(text)?.[1]
  const said = text.replace(DECISION, '').trim()
  const found = { ...(decision !== undefined && { decision }) }

  const never = NEVER.exec(said)?.[1]
  if (never !== undefined) return { ...found, permission: true, why: explainNever(never.split(', '), asked) }
  const refused = REFUSED.exec(said)?.[1]
  if (refused !== undefined) return { ...found, permission: true, why: explainObject(refused) }
  return { ...found, permission: false, why: sentence(said) }
}

function explainNever(missing: readonly string[], asked: readonly string[]): string {
  const words = missing.map((scope) => inWords(scope).words).join(' and ')
  const tried = missing.some((scope) => asked.includes(scope)) ? ' I asked for it, and it was not given.' : ''
  return `Only the clinic’s staff may ${words}. Your account does not have this, so I cannot get it for you, and asking again will not help.${tried} The clinic can do it: send them a message or call them.`
}

function explainObject(said: string): string {
  if (/^not found, or not yours|^no (pet|appointment|reminder) /i.test(said))
    return 'The clinic shows me only what belongs to you. This is not among it, or it does not exist; the clinic does not tell which.'
  return sentence(said)
}

/** The person left out what the call needs. */
export function explainLeftOut(missing: readonly string[]): string {
  const words = missing.map((scope) => inWords(scope).words).join(' and ')
  return `On the permission page you did not allow me to ${words}, so I did not do this. If you change your mind, ask me again.`
}

export const DECLINED_CALL = 'You said no, so nothing was done.'
export const DECLINED_ACCESS = 'You did not give the permission, so nothing was done.'
export const SET_ASIDE = 'You wrote something else, so this was left.'
export const WAITED_TOO_LONG =
  'This waited for your answer for more than half an hour, so nothing was done. Ask me again.'
export const SERVER_ASKS_AGAIN =
  'The clinic’s server keeps asking for a permission that I have. That is a fault on its side; the clinic should know.'

function sentence(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '') return 'The clinic’s server gave no reason.'
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? '' : '.')
}
