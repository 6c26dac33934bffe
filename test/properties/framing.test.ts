// The same messages come out of a stream however it was cut into chunks, and together they are the stream.
// Counterpart: preload/contract/framing.ts; single cases are in test/contract/framing.test.ts.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Frame, Framer, type Framing } from '../../preload/contract/framing.ts'
import { concatBytes } from '../../preload/contract/notation.ts'

/** Few values, so that delimiters, their beginnings and small lengths are met often. */
const anyStream = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes) => bytes.map((byte) => [0, 1, 2, 3, 10, 13, 65][byte % 7]!))
const anyFraming: fc.Arbitrary<Framing> = fc.oneof(
  fc.constant<Framing>({ kind: 'line' }),
  fc.record({
    kind: fc.constant('delimiter' as const),
    delimiter: fc
      .array(fc.constantFrom(10, 13, 65), { minLength: 1, maxLength: 4 })
      .map((bytes) => Uint8Array.from(bytes)),
  }),
  fc.record({
    kind: fc.constant('length' as const),
    size: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const),
    endian: fc.constantFrom('big' as const, 'little' as const),
    offset: fc.nat({ max: 3 }),
    inclusive: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('fixed' as const), bytes: fc.integer({ min: 1, max: 9 }) }),
)

const chunksOf = (stream: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length]
  return places.slice(1).map((place, i) => stream.slice(places[i], place))
}

/** What the chunks give, up to a failure: behind one, every chunk is a message. */
const cut = (framing: Framing, chunks: readonly Uint8Array[]) => {
  const framer = new Framer(framing)
  const frames: Frame[] = []
  let failedAt: number | null = null
  for (const chunk of chunks) {
    const step = framer.push(chunk)
    frames.push(...step.frames.map((frame) => ({ ...frame, bytes: frame.bytes.slice(), body: frame.body.slice() })))
    failedAt ??= step.failure?.at ?? null
  }
  const rest = framer.end()
  if (rest !== null) frames.push(rest)
  return { frames, failedAt, messages: frames.filter((frame) => failedAt === null || frame.end <= failedAt) }
}

it('Any chunking of a stream gives the same messages, at the same places', () => {
  fc.assert(
    fc.property(anyStream, anyFraming, fc.array(fc.nat(), { maxLength: 30 }), (stream, framing, cuts) => {
      const whole = cut(framing, [stream])
      const pieces = cut(framing, chunksOf(stream, cuts))
      const bytes = cut(
        framing,
        Array.from(stream, (byte) => Uint8Array.of(byte)),
      )
      expect(pieces.messages).toEqual(whole.messages)
      expect(bytes.messages).toEqual(whole.messages)
      expect([pieces.failedAt, bytes.failedAt]).toEqual([whole.failedAt, whole.failedAt])
    }),
    { numRuns: 300 },
  )
})

it('Messages together are the stream, each at its place', () => {
  fc.assert(
    fc.property(
      anyStream,
      fc.oneof(anyFraming, fc.constant<Framing>({ kind: 'raw' }), fc.constant<Framing>({ kind: 'idle', idleMs: 5 })),
      fc.array(fc.nat(), { maxLength: 30 }),
      (stream, framing, cuts) => {
        const { frames } = cut(framing, chunksOf(stream, cuts))
        expect(concatBytes(frames.map((frame) => frame.bytes))).toEqual(stream)
        for (const { bytes, start, end } of frames) expect(bytes).toEqual(stream.subarray(start, end))
      },
    ),
    { numRuns: 300 },
  )
})

it('Changing the framing in the middle of a stream loses no byte and sends none twice', () => {
  fc.assert(
    fc.property(anyStream, anyStream, anyFraming, anyFraming, (before, after, first, second) => {
      const framer = new Framer(first)
      const frames = [framer.push(before), framer.reframe(second), framer.push(after)].flatMap((step) => step.frames)
      const rest = framer.end()
      const bytes = [...frames, ...(rest === null ? [] : [rest])].map((frame) => frame.bytes)
      expect(concatBytes(bytes)).toEqual(concatBytes([before, after]))
    }),
    { numRuns: 300 },
  )
})
