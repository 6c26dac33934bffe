// The WebSocket's frames on the page's side, against the same library as the host's.
import { decode, encode } from '@msgpack/msgpack'
import { describe, expect, test } from 'vitest'
import { openBatch } from '../../preload/contract/event-columns.ts'
import { decodeResponse, encodeRequest } from '../../renderer/link/framing.ts'
import { data, makeBatch } from './support/batches.ts'

test('a request is msgpack, with bytes as bytes', () => {
  const request = {
    type: 'command',
    id: 7,
    name: 'send',
    args: { connection: 3, data: Uint8Array.of(0, 255) },
  } as const
  expect(decode(encodeRequest(request))).toEqual(request)
})

describe('a response', () => {
  test('with a batch can be opened at whatever offset the batch stood in the frame', () => {
    const { buffer } = makeBatch(5, [data(1, 1, 'sent', 64), data(2, 1, 'received', 3)])
    // A longer text before the bytes moves them through every alignment.
    for (let shift = 0; shift < 8; shift++) {
      const frame = encode({ ['x'.repeat(shift)]: 0, type: 'batch', buffer: new Uint8Array(buffer) })
      const response = decodeResponse(frame)
      expect(response.type).toBe('batch')
      if (response.type !== 'batch') continue
      expect(response.buffer.byteLength).toBe(buffer.byteLength)
      const batch = openBatch(response.buffer)
      expect([batch.firstSeq, batch.count, batch.length[0], batch.length[1]]).toEqual([5, 2, 64, 3])
    }
  })

  test('of every other kind comes out as it went in', () => {
    const responses = [
      { type: 'reply', id: 1, result: { ok: true, value: 12 } },
      { type: 'engine', running: false, message: 'gone' },
      { type: 'welcome', host: { kind: 'serve', version: '0.1.0', versions: {}, platform: 'linux' } },
    ] as const
    for (const response of responses) expect(decodeResponse(encode(response))).toEqual(response)
  })

  test('without a known type is refused, and says what came', () => {
    expect(() => decodeResponse(encode({ type: 'shutdown' }))).toThrow('shutdown')
    expect(() => decodeResponse(encode('hello'))).toThrow(TypeError)
    expect(() => decodeResponse(encode(null))).toThrow(TypeError)
  })
})
