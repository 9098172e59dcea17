import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { missingPlatforms } from './complete-lockfile.ts'
import type { Lockfile } from './complete-lockfile.ts'

test('the lockfile names the optional packages of every platform, so that `npm ci` accepts it everywhere', () => {
  const lockfile = JSON.parse(readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8')) as Lockfile
  assert.deepEqual(missingPlatforms(lockfile), [], 'run `npm run lockfile`')
})

test('a platform package that is missing is described by its name', () => {
  const lockfile: Lockfile = {
    packages: {
      'node_modules/lint': {
        dev: true,
        optionalDependencies: {
          '@lint/linux-x64-gnu': '1.0.0',
          '@lint/linux-arm-musleabihf': '1.0.0',
          '@lint/win32-ia32-msvc': '1.0.0',
        },
      },
      'node_modules/@lint/linux-x64-gnu': { version: '1.0.0' },
    },
  }
  assert.deepEqual(missingPlatforms(lockfile), [
    {
      name: '@lint/linux-arm-musleabihf',
      entry: { version: '1.0.0', cpu: ['arm'], dev: true, libc: ['musl'], optional: true, os: ['linux'] },
    },
    {
      name: '@lint/win32-ia32-msvc',
      entry: { version: '1.0.0', cpu: ['ia32'], dev: true, optional: true, os: ['win32'] },
    },
  ])
})
