// The walk over msgpack frames: takes all that the encoder can write, and nothing that is broken, endless or deep.
import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameLimits, refuseFrame } from '../../main/serve/frame-shape.ts'

const value = fc.anything({
  withBigInt: false,
  withDate: true,
  withNullPrototype: false,
  withTypedArray: false,
  maxDepth: 5,
  key: fc.string().filter((key) => key !== '__proto__'),
  values: [
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.string(),
    fc.string({ minLength: 300, maxLength: 400 }),
    fc.constant(null),
    fc.uint8Array({ maxLength: 600 }),
  ],
})

describe('A frame', () => {
  it('is taken whatever the encoder has made it of', () => {
    fc.assert(fc.property(value, (each) => refuseFrame(encode(each)) === null))
  })

  it('is taken with text, bytes, arrays and maps of every size of length field', () => {
    for (const length of [0, 15, 16, 31, 32, 255, 256, 20_000]) {
      expect(refuseFrame(encode('x'.repeat(length)))).toBeNull()
      expect(refuseFrame(encode(new Uint8Array(length)))).toBeNull()
      expect(refuseFrame(encode(new Array(length).fill(0)))).toBeNull()
      expect(refuseFrame(encode(Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}`, i]))))).toBeNull()
    }
    expect(refuseFrame(encode(new Uint8Array(70_000)))).toBeNull()
    expect(refuseFrame(encode('x'.repeat(70_000)))).toBeNull()
  })

  it('is refused wherever it is cut short, and with anything after it', () => {
    fc.assert(
      fc.property(value, fc.nat(), fc.uint8Array({ minLength: 1 }), (each, cut, more) => {
        const frame = encode(each)
        expect(refuseFrame(frame.subarray(0, cut % frame.length))).not.toBeNull()
        expect(refuseFrame(Uint8Array.of(...frame, ...more))).not.toBeNull()
      }),
    )
  })

  it('that is taken is one the decoder finds complete, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        if (refuseFrame(bytes) !== null) return
        try {
          decode(bytes)
        } catch (error) {
          // Left to the decoder: keys that are no text, and texts that are not UTF-8.
          expect(String(error)).not.toMatch(/Insufficient data|Extra|out of range|Offset is outside/i)
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('is refused at the first level, or value, too many, before it is decoded', () => {
    const nested = (depth: number) => Uint8Array.of(...new Array(depth).fill(0x91), 0xc0)
    expect(refuseFrame(nested(frameLimits.depth))).toBeNull()
    expect(refuseFrame(nested(frameLimits.depth + 1))).toContain('nested more than 32 deep')
    expect(refuseFrame(new Uint8Array(24 * 1024 * 1024).fill(0x91))).toContain('nested more than 32 deep')
    expect(refuseFrame(encode(new Array(frameLimits.values).fill(0)))).toContain('more than 65536 values')
    // An array that only claims its four billion elements costs nothing either.
    expect(refuseFrame(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff))).toContain('in the middle of a value')
  })
})
