/** The primes of the published test for vulnerable moduli. */
const PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
]

/** What a prime that the faulty generator made can leave when it is divided by `p`: the powers of 65537, and nothing else. */
const RESIDUES = PRIMES.map((p): [bigint, ReadonlySet<bigint>] => {
  const powers = new Set<bigint>()
  for (let power = 1n; !powers.has(power); power = (power * 65537n) % BigInt(p)) powers.add(power)
  return [BigInt(p), powers]
})

/**
 * Tells an RSA modulus that a flawed chip generator made, whose private key can be computed (ROCA, CVE-2017-15361). Both factors
 * are powers of 65537 modulo each small prime there, so the modulus is too; of other moduli fewer than one in 10^9 is.
 * @see Nemec et al., "The Return of Coppersmith's Attack", CCS 2017, section 2
 */
export function hasRocaFingerprint(modulus: bigint): boolean {
  return RESIDUES.every(([p, powers]) => powers.has(modulus % p))
}
