// Which model answers. The choice is one variable; everything else of the app is the same for all of them.
import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { createEmbeddedModel } from '../assistant/index.ts'
import type { AssistantInfo } from '../wire.ts'
import { CLINIC_ZONE } from './instructions.ts'

/** A model, and what the page says about it. */
export interface AssistantModel extends AssistantInfo {
  model: LanguageModelV4
  /** What its endpoint may answer with, and nobody is told: the key that it was sent. */
  secrets: readonly string[]
}

/** A key of one provider is never sent to another. */
export interface ModelKeys {
  anthropic: string | undefined
  openaiCompatible: string | undefined
}

/** Said here, so that no variable of the environment that is meant for other programs sends the key elsewhere. */
const ANTHROPIC_URL = 'https://api.anthropic.com/v1'
const CHOICES =
  'ASSISTANT_MODEL must be `embedded`, `anthropic/<id>` or `openai-compatible/<id>@<base URL>`, such as `openai-compatible/qwen3@http://localhost:11434/v1`'

/**
 * `embedded`, `anthropic/<id>` or `openai-compatible/<id>@<base URL>`; Anthropic takes a base URL as well, for a gateway. What
 * cannot be used is an error of one sentence, which repeats no value: it may be a key in the wrong place.
 */
export function chooseModel(choice: string, keys: ModelKeys, clock: () => number = Date.now): AssistantModel {
  const [, provider = choice, rest = ''] = /^([a-z-]+)\/(.+)$/.exec(choice) ?? []
  const [, id = rest, url] = /^(.+?)@(https?:\/\/.+)$/.exec(rest) ?? []
  const baseURL = url === undefined ? undefined : readBaseUrl(url)
  checkKey('ANTHROPIC_API_KEY', keys.anthropic)
  checkKey('ASSISTANT_API_KEY', keys.openaiCompatible)
  if (provider !== 'openai-compatible' && keys.openaiCompatible !== undefined)
    throw new Error(
      'ASSISTANT_API_KEY is set, but ASSISTANT_MODEL names no endpoint that it is for: set `openai-compatible/<id>@<base URL>`, or take the key away',
    )
  if (choice === 'embedded') {
    const model = createEmbeddedModel({ clock, zone: CLINIC_ZONE })
    return { kind: 'built-in', label: 'Built-in assistant, not a language model', model, secrets: [] }
  }
  if (provider === 'anthropic' && id !== '') {
    const apiKey = keys.anthropic
    if (apiKey === undefined) throw new Error('ASSISTANT_MODEL names an Anthropic model: set ANTHROPIC_API_KEY')
    const model = createAnthropic({ apiKey, baseURL: baseURL ?? ANTHROPIC_URL, fetch: stayThere })(id)
    return { kind: 'model', label: id, model, secrets: [apiKey] }
  }
  if (provider === 'openai-compatible' && id !== '' && baseURL !== undefined) {
    const apiKey = keys.openaiCompatible
    const key = apiKey === undefined ? {} : { apiKey }
    const model = createOpenAICompatible({ name: 'assistant', baseURL, fetch: stayThere, ...key })(id)
    return { kind: 'model', label: id, model, secrets: Object.values(key) }
  }
  throw new Error(CHOICES)
}

function readBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw new Error(CHOICES)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new Error(
      'the base URL in ASSISTANT_MODEL must be without user, query and fragment: a key belongs into ASSISTANT_API_KEY or ANTHROPIC_API_KEY',
    )
  return text
}

/** A key is the value of a header; what is none was cut or pasted wrongly. */
function checkKey(name: string, key: string | undefined): void {
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new Error(`${name} holds a space, a line break or a letter that no key has: copy it again`)
}

/** `fetch` takes a header such as `x-api-key` along to wherever it is redirected. No API of a model redirects. */
const stayThere: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'error' })
