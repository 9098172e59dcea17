import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const path = join(import.meta.dirname, '../.ci/run')

test('CI runs every suite there is, each as a stage', () => {
  const text = readFileSync(path, 'utf8')
  const stages = [...text.matchAll(/^stage '[^']+' (.+)$/gm)].map(([, command]) => command)
  assert.deepEqual(stages, [
    'install_system_packages',
    'npm ci --ignore-scripts',
    'npm test',
    'npm run --silent test:browser',
    'env PERMITRY_REQUIRE_POSTGRES=1 scripts/with-postgres.sh npm run --silent test:store',
    'npm run --silent conformance:official',
    'npm run --silent conformance:client',
    'npm run --silent conformance:server',
    'npm run --silent conformance:server -- --front gateway',
    'npm run --silent conformance:server -- --sabotage',
    'npm run --silent clients:real',
    'npm run --silent gateway:real',
    'npm run --silent bench:check',
    'npm run --silent pack:check',
    'npm run --silent guides:nginx',
    'npm run --silent conformance -- --mutate --share 5',
    'npm run --silent fuzz -- --minutes 0.5 --seed 1',
    'npm run --silent fuzz -- --sabotage --minutes 0.5 --seed 1',
  ])
  assert.match(text, /^set -euo pipefail$/m)
})

test('CI can be started', () => {
  assert.notEqual(statSync(path).mode & 0o100, 0)
})
