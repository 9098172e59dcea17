// Owns how a call that was not done is explained to a pet owner. The texts come from servers: they are looked at for what kind of
// refusal it is, and quoted at most; nothing in them is followed.
import type { Outcome } from './conversation.ts'
import { sentence } from './words.ts'

type NotDone = Exclude<Outcome, { status: 'done' }>

const MOST = 300

const KNOWN: readonly [RegExp, string][] = [
  [
    /^On the permission page you did not allow me\b/,
    'You did not give me the permission for this on the permission page, so nothing was done. If you change your mind, ask me again.',
  ],
  [
    /\bI do not know whether it was\b|\bdid not come to an end\b/,
    'The connection broke while this was being done, so I do not know whether it was. Please look before you repeat it.',
  ],
  [
    /\bkeeps asking for a permission that I have\b/,
    'The clinic’s system refused this although I have the permission for it. That is a fault on its side; the clinic should know.',
  ],
  [
    /^Not permitted: (?:update_pet|add_pet|record_vaccination)\b/,
    'Only the clinic’s staff can write into medical records and profiles, so the clinic did not let me do this for you. Nothing was changed.',
  ],
  [
    /^Not permitted\b/,
    'Your account at the clinic does not allow this, and asking again will not help. The clinic can do it for you.',
  ],
  [
    /\bno (?:pet|appointment|reminder) with this id\b/,
    'The clinic shows me only what belongs to you. This is not among it, or it does not exist; the clinic does not tell which.',
  ],
  [
    /\bpet has another appointment\b/,
    'Your pet has another appointment at that time. Choose another time, or move or cancel the other one.',
  ],
  [/\bappointment is cancelled\b/, 'That appointment is cancelled already, so it cannot be changed.'],
  [/\bappointment is past\b/, 'That appointment is over, so it cannot be changed.'],
  [/\bthat time has passed\b/, 'That time has passed. Tell me one in the future.'],
  [/\blies in the future\b/, 'That date lies in the future; I need one up to today.'],
  [/\bcompleted already\b/, 'That was ticked off already, so I left it as it is.'],
  [/\bon record for\b.*\balready\b/, 'This vaccination is on record already, so nothing was added.'],
  [
    /\bdoes not give this vaccine\b/,
    'The clinic does not give that vaccine to this kind of animal, so nothing was recorded.',
  ],
  [
    /\bmicrochip number belongs to another pet\b/,
    'That microchip number belongs to another pet. Please check the digits.',
  ],
  [/\bhas a fault\b/, 'The clinic’s system has a fault at the moment, so this was not done. Please try later.'],
]

/** Why something was not done. */
export function explain(notDone: NotDone): string {
  if (notDone.status === 'declined') return 'All right, nothing was done.'
  const text = notDone.text.replace(/\s*\(decision [\w-]+\)\s*$/, '').trim()
  const known = KNOWN.find(([pattern]) => pattern.test(text))?.[1]
  if (known !== undefined) return known
  const said = text.replace(/^Refused: /, '')
  if (said === '') return 'That did not work, and the clinic’s system gave no reason.'
  return `That did not work. What I was told: “${sentence(said.length > MOST ? `${said.slice(0, MOST)}…` : said)}”`
}

/** Somebody else was faster, or the time is no time at which this can begin: other times help. */
export function isAboutTheSlot(notDone: NotDone): boolean {
  return (
    notDone.status === 'failed' &&
    /\b(?:somebody has that slot|no appointment of this kind can start)\b/.test(notDone.text)
  )
}
