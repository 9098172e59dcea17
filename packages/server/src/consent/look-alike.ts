/** Letters and digits that are drawn like a Latin one, from the scripts that phishers borrow from most (UTS #39, confusables). */
const DRAWN_LIKE = new Map(
  Object.entries({
    a: 'аɑα@',
    b: 'ьƅ8',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еҽ3є',
    g: 'ɡ',
    h: 'һ',
    i: 'іιıl1|!ӏ',
    j: 'ј',
    k: 'кκ',
    m: 'м',
    n: 'пη',
    o: 'оοσ0',
    p: 'рρ',
    s: 'ѕ5$',
    t: 'тτ7',
    u: 'υս',
    v: 'νѵ',
    w: 'ԝω',
    x: 'хχ',
    y: 'уγ',
  }).flatMap(([latin, others]) => Array.from(others, (other) => [other, latin] as const)),
)

/** Shorter names stand in too many others by accident. */
const SHORTEST = 4

/**
 * What is left of a name when everything is taken away that a reader overlooks: letter case, marks, spaces and signs, and
 * which alphabet a letter is from.
 */
function skeleton(name: string): string {
  const letters = name
    .normalize('NFKD')
    .replace(/\p{M}|\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
  const latin = Array.from(letters, (letter) => DRAWN_LIKE.get(letter) ?? letter).join('')
  // Before words are joined, where an end and a beginning would make a pair.
  return latin
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replace(/[^\p{L}\p{N}]/gu, '')
}

/**
 * The one of `known` that a stranger's name would be taken for: it is drawn like it or has it inside, as in
 * "Vet Assist (verified)". A help for people who trust names; what identifies a client is its host.
 */
export function looksLike(name: string, known: readonly string[]): string | undefined {
  const drawn = skeleton(name)
  return known.find((one) => {
    const other = skeleton(one)
    return other === drawn ? other !== '' : other.length >= SHORTEST && drawn.includes(other)
  })
}
