// Buffers and columns of numbers cross the WebSocket as what they are. Counterpart: preload/contract/frame-values.ts.
import { decode, encode } from '@msgpack/msgpack'
import { describe, expect, it } from 'vitest'
import { frameValues } from '../../preload/contract/frame-values.ts'

describe('A value of a frame', () => {
  it('arrives as it was sent, in memory of its own', () => {
    const value = {
      odd: 'x',
      buffer: Uint8Array.of(1, 2, 3).buffer,
      bits: Uint8Array.of(255, 0),
      times: Float64Array.of(1.5, Number.NaN, -0),
      small: Float32Array.of(0.5),
      counts: Uint32Array.of(0, 0xffff_ffff),
      part: new Uint32Array([1, 2, 3, 4]).subarray(1, 3),
      none: new Float64Array(),
    }
    const arrived = decode(encode(value, { extensionCodec: frameValues }), {
      extensionCodec: frameValues,
    }) as typeof value
    expect(arrived).toEqual({ ...value, part: Uint32Array.of(2, 3) })
    expect(arrived.buffer).toBeInstanceOf(ArrayBuffer)
    expect(arrived.times.buffer.byteLength).toBe(24)
    expect(arrived.part.byteOffset).toBe(0)
  })
})
