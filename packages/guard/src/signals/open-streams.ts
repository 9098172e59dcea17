import type { TokenNames } from './floors.ts'

/** Answers that go on, each with the token that it was asked for with. */
export interface OpenStreams {
  /** Notes a stream and how it is ended; the result forgets it. */
  add(names: TokenNames, epoch: number | undefined, end: () => void): () => void
  /** Ends those whose token `isOver` names. */
  endWhere(isOver: (names: TokenNames, epoch: number | undefined) => boolean): void
}

/** Keeps the open streams of one issuer's tokens. */
export function createOpenStreams(): OpenStreams {
  const streams = new Set<{ names: TokenNames; epoch: number | undefined; end: () => void }>()
  return {
    add(names, epoch, end) {
      const stream = { names, epoch, end }
      streams.add(stream)
      return () => streams.delete(stream)
    },
    endWhere(isOver) {
      for (const stream of streams) {
        if (!isOver(stream.names, stream.epoch)) continue
        streams.delete(stream)
        stream.end()
      }
    },
  }
}
