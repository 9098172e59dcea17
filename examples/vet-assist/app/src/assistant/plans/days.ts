/// <reference lib="esnext.temporal" />
// Owns which days an appointment is looked for on.
import type { Request } from '../dialogue/request.ts'
import { dateInWords } from '../dialogue/words.ts'
import { absentDate, type Moment, today } from '../entities/moments.ts'
import type { Known, Reply } from './plan.ts'

const MOST_DAYS = 31

export interface Days {
  from: string
  to: string
  partOfDay?: 'morning' | 'afternoon'
}

/** A day that is over, or that no calendar has, is said to be so: other days would be a surprise. */
export function whenOver(request: Request, { clock }: Known): Reply | undefined {
  const absent = absentDate(request.text)
  const last = request.moments.at(-1)?.to
  const isOver = last !== undefined && last < today(clock).toString()
  if (request.slot !== undefined || (!isOver && (absent === undefined || last !== undefined))) return undefined
  const why = isOver ? `${dateInWords(last)} is over.` : `There is no ${absent ?? ''}.`
  return {
    text: `${why} Which day would suit you?`,
    question: { request: { ...request, moments: [] }, wants: 'when' },
  }
}

/** At most the days that the clinic's tool takes, and none that is over. Without a day: the next two weeks, or those around what is due. */
export function daysOf(moment: Moment | undefined, { clock }: Known, near?: string): Days {
  const now = today(clock)
  const soon = near === undefined ? now : Temporal.PlainDate.from(near).subtract({ days: 10 })
  const wanted = moment?.from === undefined ? soon : Temporal.PlainDate.from(moment.from)
  const from = Temporal.PlainDate.compare(wanted, now) < 0 ? now : wanted
  const last = moment?.to === undefined ? from.add({ days: 14 }) : Temporal.PlainDate.from(moment.to)
  const most = from.add({ days: MOST_DAYS })
  const to =
    Temporal.PlainDate.compare(last, from) < 0 ? from : Temporal.PlainDate.compare(last, most) > 0 ? most : last
  const partOfDay = moment?.time === undefined ? moment?.partOfDay : undefined
  return { from: from.toString(), to: to.toString(), ...(partOfDay !== undefined && { partOfDay }) }
}

/** "An hour later": from the time that the appointment has. */
export function laterOrEarlier(text: string, startsAt: string): readonly Moment[] | undefined {
  const [, amount = '', unit = '', direction = ''] =
    /\b(half an|an?|one|two|three|\d{1,2}) (hours?|days?|weeks?) (later|earlier)\b/i.exec(text) ?? []
  if (amount === '') return undefined
  const count = { 'half an': 0.5, two: 2, three: 3 }[amount.toLowerCase()] ?? (/^\d/.test(amount) ? Number(amount) : 1)
  const minutes = count * (unit.startsWith('h') ? 60 : unit.startsWith('d') ? 1440 : 10_080)
  const at = Temporal.PlainDateTime.from(startsAt.slice(0, 16)).add({
    minutes: direction.toLowerCase() === 'later' ? minutes : -minutes,
  })
  const day = at.toPlainDate().toString()
  return [{ from: day, to: day, time: at.toPlainTime().toString({ smallestUnit: 'minute' }), after: 'to' }]
}
