import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { PhotonImage } from '@silvia-odwyer/photon-node'
import fc from 'fast-check'
import { measureImage } from './measure.ts'
import { redraw } from './redraw.ts'
import { pngOf } from './testing.ts'

const jpegOf = (width: number, height: number): Uint8Array =>
  PhotonImage.new_from_byteslice(pngOf(width, height)).get_bytes_jpeg(80)

describe('a logo is drawn anew as a PNG that fits into 128 pixels', () => {
  const cases: [name: string, image: Uint8Array, size: [number, number]][] = [
    ['a large PNG', pngOf(512, 256), [128, 64]],
    ['a small PNG', pngOf(16, 20), [16, 20]],
    ['a JPEG', jpegOf(300, 600), [64, 128]],
    ['a line', pngOf(2_000, 1), [128, 1]],
  ]
  for (const [name, image, [width, height]] of cases)
    it(name, async () => {
      const png = await redraw(image)
      assert.ok(png)
      assert.deepEqual(measureImage(png), { width, height })
      assert.equal(Buffer.from(png).subarray(1, 4).toString(), 'PNG')
      assert.ok(!Buffer.from(png).includes('script'), 'nothing but pixels comes through')
    })
})

describe('no logo is made of', () => {
  const sized = (width: number, height: number): Buffer => pngOf(width, height, { lines: 1 })
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  const cases: Record<string, Uint8Array> = {
    'an SVG': Buffer.from(svg),
    'an SVG behind the bytes of a PNG': Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(svg)]),
    'a GIF': Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'),
    nothing: Buffer.alloc(0),
    'a picture wider than 2,048 pixels': sized(2_049, 1),
    'a picture higher than 2,048 pixels': sized(1, 2_049),
    'a picture that says it is endless': bomb(),
    'a picture without pixels': sized(0, 0),
    'half of a JPEG': jpegOf(100, 100).subarray(0, 300),
    'a PNG without its end': pngOf(100, 100).subarray(0, 120),
  }
  for (const [name, image] of Object.entries(cases)) it(name, async () => assert.equal(await redraw(image), undefined))
})

/** The header alone: four billion pixels on each side. */
function bomb(): Buffer {
  const png = pngOf(1, 1)
  png.writeUInt32BE(0xffffffff, 16)
  png.writeUInt32BE(0xffffffff, 20)
  return png
}

test('measuring reads any bytes without a fault', () => {
  const starts = [Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('ffd8ffe00010', 'hex'), Buffer.alloc(0)]
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }), (start, rest) => {
      measureImage(Buffer.concat([start, rest]))
    }),
  )
})
