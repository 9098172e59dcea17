import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseModel } from './model.ts'

const none = { anthropic: undefined, openaiCompatible: undefined }

test('a model is chosen by one variable, and the page says which', () => {
  const local = chooseModel('openai-compatible/qwen3:8b@http://localhost:11434/v1', none)
  assert.deepEqual([local.kind, local.label, local.model.modelId], ['model', 'qwen3:8b', 'qwen3:8b'])
  const far = chooseModel('anthropic/claude-x', { ...none, anthropic: 'key' })
  assert.deepEqual([far.kind, far.label], ['model', 'claude-x'])
})

test('the built-in assistant says that it is no language model', () => {
  const { kind, label } = chooseModel('embedded', none)
  assert.deepEqual([kind, label], ['built-in', 'Built-in assistant, not a language model'])
})

test('a choice that cannot be used is an error that says what can', () => {
  for (const choice of ['', 'gpt', 'openai-compatible/x', 'openai-compatible/x@localhost', 'other/x@http://localhost'])
    assert.throws(() => chooseModel(choice, none), /ASSISTANT_MODEL must be/, choice)
  assert.throws(() => chooseModel('anthropic/x', { ...none, openaiCompatible: 'key' }), /ANTHROPIC_API_KEY/)
})
