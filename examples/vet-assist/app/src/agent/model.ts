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
}

/** A key of one provider is never sent to another. */
export interface ModelKeys {
  anthropic: string | undefined
  openaiCompatible: string | undefined
}

/** `embedded`, `anthropic/<id>` or `openai-compatible/<id>@<base URL>`, such as `openai-compatible/qwen3@http://localhost:11434/v1`. */
export function chooseModel(choice: string, keys: ModelKeys, clock: () => number = Date.now): AssistantModel {
  if (choice === 'embedded') {
    const model = createEmbeddedModel({ clock, zone: CLINIC_ZONE })
    return { kind: 'built-in', label: 'Built-in assistant, not a language model', model }
  }
  const [, provider, rest = ''] = /^([a-z-]+)\/(.+)$/.exec(choice) ?? []
  if (provider === 'anthropic') {
    if (keys.anthropic === undefined) throw new Error('ASSISTANT_MODEL names an Anthropic model: set ANTHROPIC_API_KEY')
    return { kind: 'model', label: rest, model: createAnthropic({ apiKey: keys.anthropic })(rest) }
  }
  const [, id = '', baseURL = ''] = /^(.+)@(https?:\/\/.+)$/.exec(rest) ?? []
  if (provider === 'openai-compatible' && id !== '' && URL.canParse(baseURL)) {
    const key = keys.openaiCompatible
    const create = createOpenAICompatible({ name: 'assistant', baseURL, ...(key !== undefined && { apiKey: key }) })
    return { kind: 'model', label: id, model: create(id) }
  }
  throw new Error(
    `ASSISTANT_MODEL must be \`embedded\`, \`anthropic/<id>\` or \`openai-compatible/<id>@<base URL>\`, not \`${choice}\``,
  )
}
