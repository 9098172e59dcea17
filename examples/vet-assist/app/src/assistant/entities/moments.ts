/// <reference lib="esnext.temporal" />
// Owns how days and times are read: as people in Britain write them, on the clock of the clinic, wherever this process runs.
import { en } from 'chrono-node'

/** A day or a range of days, perhaps with a part or a time of day. What was not said is absent. */
export interface Moment {
  /** YYYY-MM-DD; first and last day are the same where one day is meant. */
  from?: string
  to?: string
  partOfDay?: 'morning' | 'afternoon'
  /** HH:MM on the clinic's clock. */
  time?: string
  /** An exact point in time, as in "in two hours"; in milliseconds. */
  instant?: number
  /** The word before it, which tells "from Tuesday" and "to Friday" apart. */
  after: string
}

export interface ReadMoments {
  moments: Moment[]
  /** The text without what was understood. */
  rest: string
}

export interface ClinicClock {
  now: number
  zone: string
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const NUMBERS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ')
const MINUTES: Readonly<Record<string, number>> = { fifteen: 15, thirty: 30, fortyfive: 45 }
const HOUR = `(\\d{1,2}|${NUMBERS.join('|')})`

/** The calendar date at the clinic. */
export function today({ now, zone }: ClinicClock): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate()
}

/** Reads all days and times in a text. `past`: "on Tuesday" is the last one and not the next. */
export function readMoments(text: string, clock: ClinicClock, past = false): ReadMoments {
  const found: Moment[] = []
  let rest = spellOut(text, clock)
  const take = (pattern: RegExp, make: (match: RegExpExecArray) => Omit<Moment, 'after'> | undefined): void => {
    const match = pattern.exec(rest)
    const moment = match && make(match)
    if (!match || !moment) return
    found.push({ ...moment, after: wordBefore(rest, match.index) })
    rest = `${rest.slice(0, match.index)} ${rest.slice(match.index + match[0].length)}`
  }
  take(new RegExp(`\\bin (half an|an?|${HOUR}) (hours?|minutes?)\\b`, 'i'), (match) => readDistance(match, clock))
  for (const [pattern, days] of RANGES) take(pattern, () => days(today(clock)))
  const read = readWithChrono(rest, clock, past)
  const moments = joinDayAndTime([...found, ...read.moments], partOfDayIn(text))
  return { moments, rest: read.rest.replaceAll(/\s+/g, ' ').trim() }
}

function readDistance(match: RegExpExecArray, { now }: ClinicClock): { instant: number } {
  const amount = match[1] === 'half an' ? 0.5 : /^an?$/.test(match[1] ?? '') ? 1 : numberOf(match[1] ?? '')
  return { instant: now + amount * (match[3]?.startsWith('hour') ? 3_600_000 : 60_000) }
}

/** Words of British English that the parser of dates does not know. */
function spellOut(text: string, clock: ClinicClock): string {
  const shift = (hour: string, minutes: string): string => {
    const hours = numberOf(hour)
    return minutes === '45' ? `${hours === 1 ? 12 : hours - 1}:45` : `${hours}:${minutes}`
  }
  return text
    .replaceAll('’', "'")
    .replaceAll(/\b(?:tmrw|tmw|tom+or+ow?)\b/gi, 'tomorrow')
    .replaceAll(/\b(?:a week (tomorrow|today)|(tomorrow|today) week)\b/gi, (_, a?: string, b?: string) =>
      inFull(today(clock).add({ days: (a ?? b)?.toLowerCase() === 'today' ? 7 : 8 })),
    )
    .replaceAll(/\bchristmas eve\b/gi, '24 December')
    .replaceAll(/\bchristmas day\b/gi, '25 December')
    .replaceAll(/\bboxing day\b/gi, '26 December')
    .replaceAll(/\bnew year'?s eve\b/gi, '31 December')
    .replaceAll(/\bnew year'?s day\b/gi, '1 January')
    .replaceAll(/\bfortnight\b/gi, '2 weeks')
    .replaceAll(
      /\b(?:a )?week on (\w+day)\b|\b(\w+day) week\b/gi,
      (all, on: string | undefined, day: string | undefined) => weekAfterNext(on ?? day ?? all, clock),
    )
    .replaceAll(new RegExp(`\\b(?:half past|half) ${HOUR}\\b`, 'gi'), (_, hour: string) => `at ${shift(hour, '30')}`)
    .replaceAll(
      new RegExp(`\\b(?:at )?(${NUMBERS.join('|')}) (thirty|fifteen|forty-?five)\\b`, 'gi'),
      (_, hour: string, minutes: string) => `at ${numberOf(hour)}:${MINUTES[minutes.toLowerCase().replace('-', '')]}`,
    )
    .replaceAll(new RegExp(`\\bquarter past ${HOUR}\\b`, 'gi'), (_, hour: string) => `at ${shift(hour, '15')}`)
    .replaceAll(new RegExp(`\\bquarter to ${HOUR}\\b`, 'gi'), (_, hour: string) => `at ${shift(hour, '45')}`)
    .replaceAll(
      new RegExp(`\\bat ${HOUR} o'?clock\\b|\\b${HOUR} o'?clock\\b`, 'gi'),
      (_, a?: string, b?: string) => `at ${numberOf(a ?? b ?? '')}:00`,
    )
    .replaceAll(new RegExp(`\\bat (${NUMBERS.join('|')})\\b`, 'gi'), (_, hour: string) => `at ${numberOf(hour)}`)
    .replaceAll(/\b(\d{1,2})\.([0-5]\d)\b(?! ?(?:kg|kilo|k\b|lb|ml|mg|%))/g, '$1:$2')
    .replaceAll(/\bat at\b/gi, 'at')
    .replaceAll(
      /\b(?:the )?(\d{1,2})(?:st|nd|rd|th)\b(?! (?:of )?[a-z]*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))/gi,
      (all, day: string, at: number, whole: string) =>
        /(?:jan|feb|march|april|may|june|july|aug|sep|oct|nov|dec)[a-z]* $/i.test(whole.slice(0, at))
          ? all
          : (dayOfMonth(Number(day), clock) ?? all),
    )
}

function weekAfterNext(weekday: string, clock: ClinicClock): string {
  const wanted = WEEKDAYS.indexOf(weekday.toLowerCase()) + 1
  if (wanted === 0) return weekday
  const date = today(clock)
  const ahead = (wanted - date.dayOfWeek + 7) % 7
  return inFull(date.add({ days: (ahead === 0 ? 7 : ahead) + 7 }))
}

function dayOfMonth(day: number, clock: ClinicClock): string | undefined {
  if (day < 1 || day > 31) return undefined
  const date = today(clock)
  for (let month = date.toPlainYearMonth(), tries = 0; tries < 3; month = month.add({ months: 1 }), tries++) {
    if (day > month.daysInMonth) continue
    const candidate = month.toPlainDate({ day })
    if (Temporal.PlainDate.compare(candidate, date) >= 0) return inFull(candidate)
  }
  return undefined
}

function inFull(date: Temporal.PlainDate): string {
  return date.toLocaleString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
}

const LENGTHS: readonly [RegExp, number][] = [
  [/feb/i, 29],
  [/apr|jun|sep|nov/i, 30],
]

/** "31 November": a day that no year has, as it was written. */
export function absentDate(text: string): string | undefined {
  const [, day = '', month = ''] =
    /\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? ((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\b/i.exec(text) ??
    []
  const most = LENGTHS.find(([name]) => name.test(month))?.[1] ?? 31
  return Number(day) > most ? `${day} ${month.charAt(0).toUpperCase()}${month.slice(1)}` : undefined
}

type Days = Pick<Moment, 'from' | 'to'>

function range(from: Temporal.PlainDate, to: Temporal.PlainDate): Days {
  return { from: from.toString(), to: to.toString() }
}

function oneDay(date: Temporal.PlainDate): Days {
  return range(date, date)
}

const RANGES: readonly [RegExp, (today: Temporal.PlainDate) => Days][] = [
  [
    /\b(?:at |towards? )?(?:the )?(?:end of|late) next week\b/i,
    (date) => range(date.add({ days: 11 - date.dayOfWeek }), date.add({ days: 13 - date.dayOfWeek })),
  ],
  [/\bnext week\b/i, (date) => range(date.add({ days: 8 - date.dayOfWeek }), date.add({ days: 14 - date.dayOfWeek }))],
  [/\bthis week\b/i, (date) => range(date, date.add({ days: 7 - date.dayOfWeek }))],
  [/\b(?:before|by) the weekend\b/i, (date) => range(date, date.add({ days: Math.max(0, 5 - date.dayOfWeek) }))],
  [
    /\b(?:(?:at|on|over|this) )?(?:the )?weekend\b/i,
    (date) => range(date.add({ days: Math.max(0, 6 - date.dayOfWeek) }), date.add({ days: 7 - date.dayOfWeek })),
  ],
  [/\bnext month\b/i, (date) => monthOf(date.add({ months: 1 }).with({ day: 1 }))],
  [/\bthis month\b/i, monthOf],
  [/\bbefore christmas\b/i, (date) => range(date, date.add({ days: 30 }))],
  [
    /\b(?:asap|as soon as possible|(?:the )?(?:earliest|soonest|first available|first free|next available|next free))\b/i,
    (date) => range(date, date.add({ days: 14 })),
  ],
]

function monthOf(first: Temporal.PlainDate): Days {
  return range(first, first.with({ day: first.daysInMonth }))
}

/** chrono reads on a calendar without zones: noon of the clinic's date, in whatever zone this process has, never falls into a gap. */
function readWithChrono(text: string, clock: ClinicClock, past: boolean): ReadMoments {
  const date = today(clock)
  const reference = new Date(date.year, date.month - 1, date.day, 12)
  const results = en.GB.parse(text, reference, { forwardDate: !past })
  let rest = text
  const moments: Moment[] = []
  for (const { index, text: words, start, end } of results.toReversed()) {
    rest = `${rest.slice(0, index).replace(/\b(?:on|at|from|by|in|until|till) $/i, '')} ${rest.slice(index + words.length)}`
    const isDay = start.isCertain('day') || start.isCertain('weekday')
    const isMonth = !isDay && start.isCertain('month')
    const day = isDay || isMonth ? dateOf(start, past, date) : undefined
    const days = day === undefined ? {} : isMonth ? fromToday(monthOf(day), date) : oneDay(day)
    // "from Monday to Tuesday": two moments, of which a plan takes the one that it needs.
    if (end?.isCertain('day') === true || end?.isCertain('weekday') === true)
      moments.unshift({
        ...oneDay(dateOf(end, past, date)),
        ...(end.isCertain('hour') && { time: timeOf(end, words, text) }),
        after: 'to',
      })
    moments.unshift({
      ...days,
      ...(start.isCertain('hour') && { time: timeOf(start, words, text) }),
      after: wordBefore(text, index),
    })
  }
  return { moments, rest }
}

type Parts = {
  get: (part: 'year' | 'month' | 'day' | 'hour' | 'minute') => number | null
  isCertain: (part: 'year' | 'meridiem') => boolean
}

function dateOf(start: Parts, past: boolean, date: Temporal.PlainDate): Temporal.PlainDate {
  const read = Temporal.PlainDate.from({
    year: start.get('year') ?? 0,
    month: start.get('month') ?? 1,
    day: start.get('day') ?? 1,
  })
  const isAhead = past && !start.isCertain('year') && Temporal.PlainDate.compare(read, date) > 0
  return isAhead ? read.subtract(read.since(date).total({ unit: 'day' }) < 7 ? { days: 7 } : { years: 1 }) : read
}

/** A month that has begun: only what is left of it. */
function fromToday({ from = '', to = '' }: Days, date: Temporal.PlainDate): Days {
  return { from: from < date.toString() && to >= date.toString() ? date.toString() : from, to }
}

/** "at 3" means the afternoon: the clinic is not open at night, and hardly anybody gives a tablet then. */
function timeOf(start: Parts, words: string, text: string): string {
  const hour = start.get('hour') ?? 0
  const saysWhich = start.isCertain('meridiem') && /[ap]\.?m|noon|midnight/i.test(words)
  const isEvening = /\b(?:evening|tonight|at night|each night|every night)\b/i.test(text) && hour < 12
  const isMorning = /\bmorning\b/i.test(text)
  const isLater = !saysWhich && !isMorning && !/\b0\d:/.test(words) && (isEvening ? hour >= 4 : hour >= 1 && hour <= 6)
  return `${String(isLater ? hour + 12 : hour).padStart(2, '0')}:${String(start.get('minute') ?? 0).padStart(2, '0')}`
}

/** "on Tuesday … at 9" is one moment. */
function joinDayAndTime(moments: readonly Moment[], partOfDay: Moment['partOfDay']): Moment[] {
  const days = moments.filter(({ from, instant }) => from !== undefined || instant !== undefined)
  const times = moments.filter(({ from, time }) => from === undefined && time !== undefined)
  const [time] = times
  const joined =
    days.length === 0
      ? times
      : days.map((day, at) =>
          at === days.length - 1 && time?.time !== undefined && day.time === undefined
            ? { ...day, time: time.time }
            : day,
        )
  if (partOfDay === undefined) return joined
  if (joined.length === 0) return [{ partOfDay, after: '' }]
  return joined.map((moment, at) =>
    at === joined.length - 1 && moment.instant === undefined ? { ...moment, partOfDay } : moment,
  )
}

function partOfDayIn(text: string): Moment['partOfDay'] {
  if (/\b(?:mornings?|before (?:noon|lunch)|first thing)\b/i.test(text)) return 'morning'
  if (/\b(?:afternoons?|evenings?|after (?:lunch|work|school)|tonight|later in the day)\b/i.test(text))
    return 'afternoon'
  return undefined
}

function wordBefore(text: string, index: number): string {
  return /(\w+)\W*$/.exec(text.slice(0, index))?.[1]?.toLowerCase() ?? ''
}

function numberOf(word: string): number {
  const at = NUMBERS.indexOf(word.toLowerCase())
  return at < 0 ? Number(word) : at + 1
}
