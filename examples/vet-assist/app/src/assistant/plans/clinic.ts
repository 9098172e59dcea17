// Plans for what the clinic tells everybody, and for messages to it.
import { type Fields, rowsIn, textIn } from '../dialogue/conversation.ts'
import { dateInWords, plural, sentence } from '../dialogue/words.ts'
import { plain } from '../language/mask.ts'
import { get, ownPets, type Plan, type Planning, unknownPet } from './plan.ts'

const MOST_ARTICLE = 2400

export const article: Plan = function* (request) {
  const found = yield* bestArticle(request.text)
  if (found === undefined)
    return {
      text: 'The clinic has no article about this, and I give no advice of my own. I can leave them a message: say “ask the clinic …”.',
    }
  return { text: found }
}

export const emergency: Plan = function* (request) {
  const info = yield* get(
    'clinic_info',
    {},
    'If your pet is in danger, do not wait for me: get ready to leave, and ring a vet now. I am looking up the clinic’s emergency number.',
  )
  const call = `Ring the emergency line now: ${textIn(info, 'emergencyPhone')} (${textIn(info, 'emergencyNote')})`
  const where = `The clinic: ${textIn(info, 'name')}, ${textIn(info, 'address')}.`
  if (/\bnumber|on call|out of hours|who do i call/.test(plain(request.text))) return { text: `${call}\n${where}` }
  const found = yield* bestArticle(request.text)
  return { text: [call, where, ...(found === undefined ? [] : [`While you are on the way:\n\n${found}`])].join('\n') }
}

/** The best article with its source. Its text is shown and nothing else: no word in it is taken for a request. */
function* bestArticle(text: string): Planning<string | undefined> {
  const query = plain(text)
    .replaceAll(/[^a-z0-9' -]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
  if (query === '') return undefined
  const [best, ...others] = rowsIn(yield* get('search_articles', { query, limit: 3 }), 'articles', [
    'articleId',
    'title',
  ])
  if (best === undefined) return undefined
  const read = yield* get('get_article', { articleId: best.articleId })
  const whole = textIn(read, 'text')
  const shown = whole.length > MOST_ARTICLE ? `${whole.slice(0, whole.lastIndexOf('\n', MOST_ARTICLE))}\n…` : whole
  const see = others.length === 0 ? '' : `\n\nSee also: ${others.map(({ title }) => title).join('; ')}.`
  return `From the clinic’s article “${textIn(read, 'title')}”:\n\n${shown}\n\nSource: ${textIn(read, 'sources')}.${see}`
}

export const clinicInfo: Plan = function* (request) {
  const info = yield* get('clinic_info')
  const asked = plain(request.text)
  const wanted = PARTS.filter(({ pattern }) => pattern.test(asked))
  const parts = wanted.length > 0 ? wanted : PARTS
  return { text: [textIn(info, 'name'), ...parts.map(({ say }) => say(info))].join('\n') }
}

const PARTS: readonly { pattern: RegExp; say: (info: Fields) => string }[] = [
  {
    pattern:
      /\b(?:open\w*|openning|hours?|close[sd]?|shut|when|what time|wat time|until|late|reception|sunday|saturday|holiday|christmas|new year)\b/,
    say: (info) =>
      `Open: ${rowsIn(info, 'openingHours', ['days', 'opens', 'closes'])
        .map(({ days, opens, closes }) => `${days} ${opens} to ${closes}`)
        .join(', ')}. Closed: ${textIn(info, 'closed')}.`,
  },
  {
    pattern: /\b(?:address|adress|where\w*|find you|get to|postcode|town|building|park\w*|located)\b/,
    say: (info) => `Address: ${textIn(info, 'address')}`,
  },
  {
    pattern: /\b(?:phone|fone|telephone|number|call|ring|reach|contact)\b/,
    say: (info) => `Telephone: ${textIn(info, 'phone')}; emergencies: ${textIn(info, 'emergencyPhone')}`,
  },
  {
    pattern: /\b(?:vets|vet|who|doctor|dr)\b/,
    say: (info) =>
      `Vets: ${rowsIn(info, 'vets', ['name'])
        .map(({ name }) => name)
        .join(', ')}`,
  },
  {
    pattern:
      /\b(?:prices?|costs?|fees?|charges?|much|expensive|dear|pay|offer|services?|how long|minutes|kinds|treatments?)\b|£/,
    say: (info) =>
      rowsIn(info, 'prices', ['title'])
        .map(({ title, minutes, priceGbp }) => `• ${title}: £${String(priceGbp)}, ${plural(Number(minutes), 'minute')}`)
        .join('\n'),
  },
]

export const messageClinic: Plan = function* (request, known) {
  const body = request.body ?? bodyIn(request.text)
  if (request.stranger !== undefined) return { text: unknownPet(request.stranger, yield* ownPets(known)) }
  if (body === undefined)
    return {
      text: 'What shall I write to the clinic? Your next message will be the text. They answer within one working day; for an emergency ring them instead.',
      question: { request, wants: 'body' },
    }
  const [pet, another] = request.pets
  const subject = pet && !another ? `About ${pet.name}` : subjectOf(body)
  yield* get(
    'message_clinic',
    { subject, body, ...(pet && !another && { petId: pet.petId }) },
    'This is what I would send:',
  )
  return { text: 'The clinic has your message and answers within one working day.' }
}

/** What follows "tell the clinic that"; undefined when there is nothing to send yet. */
function bodyIn(text: string): string | undefined {
  const body = text
    .replace(/^(?:please |pls |hi,? |hello,? |can you |could you |would you |i'd like to |i want to |i need to )*/i, '')
    .replace(
      /^(?:(?:send|leave|write|drop|pass on|pass|give|get|relay|forward|make|say|let|tell|ask|inform|notify|message|mesage|msg|text|email|contact|report to)\b ?)(?:(?:an?|this|the|to|my|them|word|message|messge|mesage|note|msg|line|lines|few|question|something|on|of|for|with|clinic|vets?|surgery|practice|reception|nurse|team|staff|dr|doctor|hart|patel|know|here)\b[ ,]*)*/i,
      '',
    )
    .replace(/^[\s:,-]*(?:that|saying|to say|about|whether|if|:)?[\s:,-]*/i, (lead) =>
      /\b(?:if|whether)\b/i.test(lead) ? lead.trimStart() : '',
    )
    .trim()
  return body.split(/\s+/).length < 3 ? undefined : sentence(body.slice(0, 3900))
}

function subjectOf(body: string): string {
  const words = body.split(/\s+/).slice(0, 8).join(' ')
  return words.length < body.length ? `${words.slice(0, 100)} …` : words.slice(0, 100)
}

export const listMessages: Plan = function* () {
  const rows = rowsIn(yield* get('list_messages', { limit: 10 }), 'messages', ['subject', 'body', 'receivedAt'])
  if (rows.length === 0) return { text: 'You have sent the clinic no messages.' }
  const lines = rows.map(
    ({ subject, body, receivedAt }) => `• ${dateInWords(receivedAt.slice(0, 10))}, ${subject}: ${body.slice(0, 200)}`,
  )
  return { text: `Your messages to the clinic, the latest first:\n${lines.join('\n')}` }
}
