import assert from 'node:assert/strict'
import { test } from 'node:test'
import { howToInstall, missingLibraries } from './chromium.ts'

const LDD = `
	linux-vdso.so.1 (0x00007f7b28090000)
	libnspr4.so => not found
	libnss3.so => not found
	libnssutil3.so => not found
	libexpat.so.1 => /lib/x86_64-linux-gnu/libexpat.so.1 (0x00007f7b1b39c000)
`

test('missing system libraries are named with the apt line that installs them', () => {
  assert.equal(
    howToInstall(missingLibraries(LDD)),
    'Chromium needs libnspr4.so, libnss3.so, libnssutil3.so: run `apt-get install --yes --no-install-recommends libnspr4 libnss3` as root',
  )
})

test('a library of an unknown package is named without a guess', () => {
  assert.match(howToInstall(['libnss3.so', 'libnew.so.1']), /^Chromium needs libnew\.so\.1: install the packages/)
})

test('a complete system misses nothing', () => {
  assert.deepEqual(missingLibraries('libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x0)'), [])
})
