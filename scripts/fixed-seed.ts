// Preloaded by the test scripts: every property draws its cases from one seed, so that a red test means that the change broke
// something. `PERMITRY_TEST_SEED=random` looks for cases that nobody has seen, a number repeats a run.
import { registerHooks } from 'node:module'

const SEEDED = new URL('seeded-fast-check.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'fast-check' && context.parentURL !== SEEDED
      ? { url: SEEDED, shortCircuit: true }
      : next(specifier, context),
})
