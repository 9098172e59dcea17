import fc from 'fast-check'

const seed = process.env['PERMITRY_TEST_SEED'] ?? '1'
if (seed !== 'random') {
  if (!/^-?\d+$/.test(seed)) throw new Error('PERMITRY_TEST_SEED is a whole number, or `random`')
  fc.configureGlobal({ seed: Number(seed) })
}

export * from 'fast-check'
// the place of the package's own default export
// oxlint-disable-next-line import/no-default-export
export default fc
