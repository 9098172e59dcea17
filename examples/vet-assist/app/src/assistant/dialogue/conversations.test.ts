// Conversations with the clinic's real MCP server behind its guard, in memory.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Chat, openChat } from '../testing/chat.ts'

const open: Chat[] = []
after(async () => {
  for (const chat of open) await chat.close()
})

async function start(options?: Parameters<typeof openChat>[0]): Promise<Chat> {
  const chat = await openChat(options)
  open.push(chat)
  return chat
}

function toolsOf({ calls }: Chat): string[] {
  return calls.map(({ tool }) => tool)
}

test('Bob asks for Fido’s next vaccination and books "him in for it next Tuesday morning"', async () => {
  const chat = await start()
  assert.match(await chat.say('When is Fido’s next vaccination?'), /Leptospirosis, due on Thursday 10 December 2026/)
  assert.match(
    await chat.say('book him in for it next Tuesday morning'),
    /^Booked: Fido, vaccination, Tuesday 1 December at 08:30/,
  )
  assert.deepEqual(toolsOf(chat), [
    'list_pets',
    'next_vaccination',
    'next_vaccination',
    'find_free_slots',
    'book_appointment',
  ])
  const booking = chat.calls.at(-1)?.input
  assert.deepEqual([booking?.['kind'], booking?.['startsAt']], ['vaccination', '2026-12-01T08:30:00+00:00'])
  assert.match(await chat.say('what appointments do I have'), /Fido, vaccination, Tuesday 1 December at 08:30/)
})

test('a yes to "Shall I look for an appointment?" looks for one', async () => {
  const chat = await start()
  await chat.say('is Fido due a vaccination')
  assert.match(await chat.say('yes please'), /These times are free for Fido’s vaccination/)
  assert.match(await chat.say('the second one'), /^Booked: Fido, vaccination/)
})

test('what is missing is asked for, one thing after the other', async () => {
  const chat = await start()
  assert.match(await chat.say('I’d like to make an appointment'), /Which pet do you mean: Bella or Fido\?/)
  assert.match(await chat.say('bella'), /What is the appointment for/)
  assert.match(await chat.say('check up'), /Which one suits you\?/)
  assert.match(await chat.say('Friday at 10:30'), /^Booked: Bella, check-up, Friday 27 November at 10:30/)
})

test('a no to the card books nothing, and another time can be named', async () => {
  const chat = await start()
  await chat.say('book Fido for a check-up on Friday morning', { confirm: false })
  assert.match(chat.texts.at(-1) ?? '', /nothing was booked/)
  assert.match(await chat.say('10:30 then'), /^Booked: Fido, check-up, Friday 27 November at 10:30/)
  assert.equal(toolsOf(chat).filter((tool) => tool === 'book_appointment').length, 2)
})

test('when somebody was faster, the times that are left are offered', async () => {
  const chat = await start()
  chat.tamper((tool, output) =>
    tool === 'book_appointment'
      ? {
          type: 'error-text',
          value: 'somebody has that slot already; the next free ones are 2026-12-01T08:45:00+00:00 with vet_hart',
        }
      : output,
  )
  assert.match(
    await chat.say('book Fido for a jab next Tuesday morning'),
    /Somebody else has just taken that time.*1\. Tuesday/s,
  )
  chat.tamper((_, output) => output)
  assert.match(await chat.say('2'), /^Booked: Fido/)
})

test('an appointment is moved and cancelled by what is said of it', async () => {
  const chat = await start()
  assert.match(
    await chat.say('move Bella’s check-up from Thursday to Friday at 3'),
    /Bella’s check-up is now on Friday 27 November at 15:00/,
  )
  assert.match(await chat.say('cancel it'), /^Cancelled: Bella, check-up/)
  assert.match(await chat.say('do I have any appointments'), /no appointment/)
})

test('reminders are set with their recurrence, listed and ticked off', async () => {
  const chat = await start()
  await chat.say('remind me to give Bella her tablet at 8am every day for 10 days')
  assert.deepEqual(chat.calls.at(-1)?.input['repeat'], { every: 1, unit: 'day', until: '2026-12-04' })
  assert.equal(chat.calls.at(-1)?.input['message'], 'Give Bella her tablet')
  assert.match(
    await chat.say('what reminders do I have'),
    /Give Bella her tablet, Wednesday 25 November at 08:00, every day/,
  )
  assert.match(
    await chat.say('I gave Bella the phosphate binder'),
    /^Ticked off: Phosphate binder.*comes again on Thursday 26 November/,
  )
  await chat.say('remind me the day before Bella’s check-up to bring a urine sample')
  assert.deepEqual(chat.calls.at(-1), { ...chat.calls.at(-1), tool: 'remind_of_appointment' })
  assert.equal(chat.calls.at(-1)?.input['hoursBefore'], 24)
})

test('a weekday in an answer is the one of the week that was spoken of, and a pet can be named along with it', async () => {
  const chat = await start()
  await chat.say('what is free next week for a dental')
  assert.match(
    await chat.say('Wednesday afternoon for Bella'),
    /^Booked: Bella, dental assessment, Wednesday 2 December at 13:30/,
  )
})

test('a reminder that begins with nothing is asked for piece by piece', async () => {
  const chat = await start()
  assert.match(await chat.say('remind me'), /What shall I remind you of, and when\?/)
  assert.match(await chat.say('give the heart pill'), /Which pet do you mean/)
  assert.match(await chat.say('fido'), /When shall I remind you\?/)
  assert.match(await chat.say('tomorrow at 9'), /Give the heart pill, for Fido, Wednesday 25 November at 09:00/)
})

test('what is left open is dropped when the person wants something else', async () => {
  const chat = await start()
  await chat.say('book an appointment for Fido')
  assert.match(await chat.say('how much does Bella weigh'), /4\.6 kg/)
  await chat.say('send a message to the clinic')
  assert.match(await chat.say('help, Fido collapsed and cannot breathe'), /^Ring the emergency line now/)
})

test('what was left out on the permission page is said in words, and nothing is tried around it', async () => {
  const chat = await start()
  chat.tamper((tool, output) =>
    tool === 'list_reminders'
      ? {
          type: 'error-text',
          value: 'On the permission page you did not allow me to see reminders, so I did not do this.',
        }
      : output,
  )
  assert.match(await chat.say('what reminders do I have'), /did not give me the permission for this/)
  assert.deepEqual(toolsOf(chat), ['list_reminders'])
})

test('a reminder over the change of the clock keeps the time of day', async () => {
  const chat = await start({ now: Date.parse('2027-03-27T12:00:00Z') })
  await chat.say('remind me tomorrow at 8am to give Fido his tablet')
  assert.equal(chat.calls.at(-1)?.input['dueAt'], '2027-03-28T08:00:00+01:00')
})

test('Fido’s weight by Bob is explained, and a message to the clinic offered and sent', async () => {
  const chat = await start()
  assert.match(await chat.say('Fido weighs 20 kg now'), /Only the clinic’s staff can write.*Nothing was changed/)
  await chat.say('yes please')
  const { tool, input } = chat.calls.at(-1) ?? {}
  assert.deepEqual([tool, input?.['body']], ['message_clinic', 'Please change Fido’s profile: Fido weighs 20 kg now'])
})

test('Dana writes the weight', async () => {
  const chat = await start({ person: 'dana' })
  assert.match(await chat.say('Fido weighs 20.5 kg'), /^Saved\. .*20\.5 kg/)
})

test('a pet of somebody else is not there, and nothing about it is asked for', async () => {
  const chat = await start()
  assert.match(await chat.say('is Misty up to date with her jabs?'), /Misty is not among them/)
  assert.match(await chat.say('cancel Misty’s appointment'), /Misty is not among them/)
  assert.deepEqual(toolsOf(chat), ['list_pets'])
})

test('"and Bella?" asks the same for another pet', async () => {
  const chat = await start()
  assert.match(await chat.say('How much does Fido weigh?'), /19\.4 kg/)
  assert.match(await chat.say('and Bella?'), /4\.6 kg/)
})

test('an emergency gets the number first, and advice only from an article', async () => {
  const chat = await start()
  const answer = await chat.say('help my dog ate chocolate')
  assert.match(chat.texts[0] ?? '', /ring a vet now/)
  assert.match(answer, /^Ring the emergency line now: \+44 1632 960 149.*Source:/s)
})

test('a message is sent in the words of the person', async () => {
  const chat = await start()
  await chat.say('send a message to the clinic')
  await chat.say('Could you call me back about the invoice?')
  assert.equal(chat.calls.at(-1)?.input['body'], 'Could you call me back about the invoice?')
  assert.match(await chat.say('what did I write to the clinic'), /Could you call me back/)
})

test('below its confidence it offers three guesses, and a number chooses one', async () => {
  const chat = await start()
  assert.match(await chat.say('jab stuff for the thingy maybe'), /1\. .*\n2\. .*\n3\. /)
  assert.match(await chat.say('1'), /Which pet do you mean/)
  assert.match(await chat.say('Bella'), /Bella is overdue/)
})

test('out of scope it says what it can do, and calls nothing', async () => {
  const chat = await start()
  assert.match(await chat.say('what’s the weather like tomorrow'), /I can only help with your own pets/)
  assert.match(await chat.say('help'), /built-in assistant, not a language model/)
  assert.deepEqual(chat.calls, [])
})

test('an open question about a reminder gives way to another wish, also to one with a day in it', async () => {
  const chat = await start()
  await chat.say('remind me to worm Fido')
  assert.match(await chat.say('is there anything free on Friday?'), /^Free for a check-up:\n1\. Friday 27 November/)
  await chat.say('remind me to worm Fido')
  assert.match(await chat.say('can you book him in on Friday at 10:30 for a check up'), /^Booked: Fido, check-up/)
  await chat.say('remind me')
  assert.match(await chat.say('what are your opening hours?'), /Open: Monday to Friday/)
  assert.ok(!toolsOf(chat).includes('set_reminder'))
})

test('more than four pets are not cut silently', async () => {
  const chat = await start()
  chat.tamper((tool, output) => {
    if (tool !== 'list_pets' || output.type !== 'json') return output
    const [pet] = (output.value as { pets: object[] }).pets
    const pets = ['Ada', 'Bob', 'Cid', 'Dot', 'Eve', 'Flo'].map((name) => ({ ...pet, name }))
    return { type: 'json', value: { pets } as never }
  })
  for (const text of ['how heavy are all my pets', 'when are all my pets due a jab', 'which jabs did all my pets have'])
    assert.match(await chat.say(text), /4 pets at a time\. Not among these: Eve and Flo/, text)
})

test('of two wishes in one sentence the first is done, and the other one named', async () => {
  const chat = await start()
  assert.match(
    await chat.say('how much does Bella weigh and when is Fido’s next jab'),
    /4\.6 kg.*\nI do one thing at a time\. For the other one, write again: “when is Fido’s next jab”/,
  )
  assert.match(await chat.say('when is Fido’s next jab'), /Leptospirosis/)
})

test('"no, Bella" and "no, the other one" ask the same for the other pet', async () => {
  const chat = await start()
  await chat.say('book Fido in for a check-up')
  assert.match(await chat.say('no, bella'), /free for Bella’s check-up/)
  assert.match(await chat.say('Wednesday at 10:30'), /^Booked: Bella, check-up, Wednesday 25 November at 10:30/)
  await chat.say('when is Fido due his jab')
  assert.match(await chat.say('no, the other one'), /^Bella is overdue/)
  assert.match(await chat.say('which of my pets is heavier'), /4\.6 kg.*19\.4 kg/s)
  await chat.say('remind me to worm Fido')
  await chat.say('no, bella')
  await chat.say('tomorrow at 9')
  assert.ok(!toolsOf(chat).includes('set_reminder'), 'no reminder to worm Fido for Bella')
})

test('"cancel that" drops what is open, and cancels nothing that was not spoken of', async () => {
  const chat = await start()
  assert.match(await chat.say('cancel that'), /^Which appointment shall I cancel\?\n1\. Bella/)
  assert.match(await chat.say('never mind'), /^All right/)
  await chat.say('book Fido in for a check-up')
  assert.match(await chat.say('cancel that'), /^All right/)
  assert.ok(!toolsOf(chat).includes('cancel_appointment'))
})

test('"actually never mind" is a no, and "ok, never mind" is no yes', async () => {
  const chat = await start()
  await chat.say('remind me to give Bella her tablet')
  assert.match(await chat.say('actually never mind'), /^All right/)
  await chat.say('is Fido due a vaccination')
  assert.match(await chat.say('ok, never mind'), /^All right/)
  assert.ok(!toolsOf(chat).includes('find_free_slots'))
})

test('a day alone answers, whatever it looks like, and a time that comes with a pet counts', async () => {
  const chat = await start()
  await chat.say('book Fido for a check-up')
  assert.match(await chat.say('the day after tomorrow'), /free for Fido’s check-up:\n1\. Thursday 26 November/)
  assert.match(await chat.say('the earliest'), /^Booked: Fido, check-up, Thursday 26 November at 08:30/)
  await chat.say('what is free on Friday')
  await chat.say('the afternoon')
  assert.match(await chat.say('bella, 14:30'), /^Booked: Bella, check-up, Friday 27 November at 14:30/)
})

const DAYS: readonly [string, RegExp][] = [
  [
    'book Fido for a check up tomorrow week at half past three',
    /^Booked: Fido, check-up, Wednesday 2 December at 15:30/,
  ],
  ['book Fido for a check up a week tomorrow at ten thirty', /^Booked: Fido, check-up, Wednesday 2 December at 10:30/],
  ['book Fido for a jab at the end of next week', /\n1\. Thursday 3 December/],
  ['book Fido for a check up on Sunday', /Nothing is free .* on Sunday 29 November\. The clinic is closed on Sundays/],
  [
    'book Fido for a check up on Christmas day at 10',
    /Nothing is free .* on Friday 25 December\. The clinic is closed/,
  ],
  ['book Fido for a check up yesterday', /^Monday 23 November 2026 is over\. Which day/],
  ['book Fido for a check up on 3 October 2020', /^Saturday 3 October 2020 is over/],
  ['book Fido for a check up on 31 November', /^There is no 31 November\. Which day/],
  ['remind me yesterday at 8 to give Fido his tablet', /^Monday 23 November at 08:00 is over\. When/],
  ['book both in for a check up next Wednesday morning', /One pet at a time, please\. Which pet/],
]
for (const [text, expected] of DAYS)
  test(`"${text}" is answered for the day that is meant, or says why not`, async () => {
    const chat = await start()
    assert.match(await chat.say(text), expected)
  })

test('an appointment is moved by an hour from where it is', async () => {
  const chat = await start()
  await chat.say('book Fido for a check up tomorrow at 10:30')
  assert.match(
    await chat.say('move it an hour later'),
    /^Moved: Fido’s check-up is now on Wednesday 25 November at 11:30/,
  )
})

test('an emergency is never turned away as out of scope', async () => {
  const chat = await start()
  for (const text of ['her tongue is blue', 'he chewed through a cable', 'who do I call at night'])
    assert.doesNotMatch(await chat.say(text), /^I can only help/, text)
})
