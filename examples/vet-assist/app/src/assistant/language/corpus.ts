import { readFileSync } from 'node:fs'
import { INTENTS, type Intent } from './intents.ts'

export interface Example {
  intent: Intent
  text: string
}

const FOLDER = new URL('../', import.meta.url)

/** What the classifier is trained on: one file an intent, one utterance a line. */
export function readCorpus(): Example[] {
  return INTENTS.flatMap((intent) =>
    readLines(`corpus/${intent}.jsonl`).map((line) => ({ intent, text: textOf(line) })),
  )
}

/** What nothing is trained or tuned on. */
export function readHeldOut(): Example[] {
  return readLines('held-out.jsonl').map((line) => {
    const intent = INTENTS.find((candidate) => candidate === line['intent'])
    if (intent === undefined) throw new Error(`held-out.jsonl names an unknown intent: ${JSON.stringify(line)}`)
    return { intent, text: textOf(line) }
  })
}

function readLines(path: string): Record<string, unknown>[] {
  const lines = readFileSync(new URL(path, FOLDER), 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>)
}

function textOf(line: Record<string, unknown>): string {
  if (typeof line['text'] !== 'string') throw new Error(`no text: ${JSON.stringify(line)}`)
  return line['text']
}
