/** What an image says of itself in its first bytes; nothing of it is decoded. */
export interface Measured {
  readonly width: number
  readonly height: number
}

/**
 * Reads the size of a PNG or JPEG, by what the bytes are and not by what anybody calls them. Undefined for everything
 * else: SVG is a program, and the frames of GIF and WebP may be larger than the picture says.
 */
export function measureImage(image: Uint8Array): Measured | undefined {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength)
  const measured = startsWith(bytes, PNG) ? measurePng(bytes) : startsWith(bytes, JPEG) ? measureJpeg(bytes) : undefined
  return measured && measured.width > 0 && measured.height > 0 ? measured : undefined
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex')
const JPEG = Buffer.from('ffd8ff', 'hex')

const startsWith = (bytes: Buffer, prefix: Buffer): boolean => bytes.subarray(0, prefix.length).equals(prefix)

/** PNG §11.2.1: the header is the first chunk. */
function measurePng(bytes: Buffer): Measured | undefined {
  if (bytes.length < 33 || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

/** ITU-T T.81 annex B: segments with a length follow each other; the frame header is one of SOF0 to SOF15. */
function measureJpeg(bytes: Buffer): Measured | undefined {
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1] ?? 0
    if (isFrameHeader(marker)) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    const isFill = marker === 0xff
    at += isFill ? 1 : 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}

/** SOF0 to SOF15, without the tables that lie between them (DHT, JPG, DAC). */
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
