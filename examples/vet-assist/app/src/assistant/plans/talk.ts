// Plans that call nothing: greetings, what the assistant can do, guesses.
import { offeredOf } from '../language/classifier.ts'
import { INTENT_IN_WORDS } from '../language/intents.ts'
import { plain } from '../language/mask.ts'
import { DROPS } from '../dialogue/answer.ts'
import { isNo } from '../entities/values.ts'
import { numbered } from '../dialogue/words.ts'
import type { Plan, Planning, Reply } from './plan.ts'

const ABILITIES = [
  '• your pets: “How much does Fido weigh?”, “When is Bella’s next vaccination?”',
  '• appointments: “What is free on Friday?”, “Book him in next Tuesday morning”, “Cancel Bella’s check-up”',
  '• reminders: “Remind me at 8 every day to give Bella her tablet”',
  '• the clinic: opening hours, prices, advice from its articles, messages to its staff',
].join('\n')

// A plan is a generator also where it yields nothing.
/* oxlint-disable require-yield */
export const social: Plan = function* ({ text }): Planning<Reply> {
  const said = plain(text)
  if (
    /\b(?:thanks?|thx|thnx|ty|tysm|ta|cheers|appreciate\w*|helpful|lovely|great|perfect|brill\w*|awesome|nice|good job|well done)\b/.test(
      said,
    )
  )
    return { text: 'You are welcome. Is there anything else for your pets?' }
  if (
    /\b(?:bye|goodbye|good night|night|see you|see ya|take care|cheerio|that's all|that is everything|i'm done)\b/.test(
      said,
    )
  )
    return { text: 'Goodbye, and all the best to your pets.' }
  return {
    text: 'Hello! I am the clinic’s built-in assistant. Ask me about your pets, appointments or reminders; “help” shows what I can do.',
  }
}

export const help: Plan = function* (): Planning<Reply> {
  return {
    text: `I am a built-in assistant, not a language model: I know a fixed set of things and look them up at the clinic.\n${ABILITIES}\nBefore I change anything you see it and say yes or no.`,
  }
}

export const outOfScope: Plan = function* (): Planning<Reply> {
  return { text: `I can only help with your own pets at this clinic. That is:\n${ABILITIES}` }
}

export const unsure: Plan = function* (request): Planning<Reply> {
  const offered = offeredOf(request.guesses).map(({ intent }) => INTENT_IN_WORDS[intent])
  return {
    text: `I am not sure what you mean. Do you want to\n${numbered(offered)}\nAnswer with a number, or say it in other words.`,
    question: { request, wants: 'guess' },
  }
}

export const nothing: Plan = function* ({ text }): Planning<Reply> {
  return {
    text: isNo(text) || DROPS.test(text) ? 'All right. Is there anything else?' : 'What would you like me to do?',
  }
}
/* oxlint-enable require-yield */
