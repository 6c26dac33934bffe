// What a person sees for an event, and that a peer's bytes can never steer the terminal it is printed to.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WireEvent } from '../../main/cli/events.ts'
import {
  formatDroppedHuman,
  formatFailure,
  formatHuman,
  formatPayload,
  payloadWidth,
} from '../../main/cli/human-line.ts'
import { causes, eventKinds } from '../../preload/contract/vocabulary.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const plain = { colour: false, sides: false }

const event = (parts: Partial<WireEvent>): WireEvent => ({
  seq: 7,
  at: 1234.5678,
  kind: 'data-received',
  endpoint: 1,
  connection: 3,
  facts: { side: null, direction: 'in', local: '127.0.0.1:8888', remote: '127.0.0.1:50000' },
  length: 0,
  data: null,
  cause: 'none',
  details: {},
  ...parts,
})

// Anything that a terminal acts on or that turns text around: C0, DEL, C1, and the bidirectional controls.
const steering = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

describe('a human line', () => {
  it('shows time, kind, connection, size and the bytes, escaped, in columns', () => {
    expect(formatHuman(event({ length: 13, data: bytes('Hello\tWorld\r\n') }), plain)).toBe(
      '   1.234568  data-received      #3         13 B  Hello\\tWorld\\r\\n',
    )
  })

  it('leaves a column for the side in a relay', () => {
    const facts = { side: 'upstream', direction: 'out', local: '127.0.0.1:1', remote: '127.0.0.1:2' } as const
    expect(formatHuman(event({ facts, length: 2, data: bytes('hi') }), { colour: false, sides: true })).toBe(
      '   1.234568  data-received      #3    upstream         2 B  hi',
    )
  })

  it('points from the side that connected to the side that accepted', () => {
    const facts = { side: null, local: '127.0.0.1:1', remote: '127.0.0.1:2' } as const
    const made = (direction: 'in' | 'out') =>
      formatHuman(event({ kind: 'connection-made', facts: { ...facts, direction } }), plain)
    expect(made('out')).toContain('127.0.0.1:1 → 127.0.0.1:2')
    expect(made('in')).toContain('127.0.0.1:1 ← 127.0.0.1:2')
  })

  it('names the cause and the errno of an ending, and the bytes that were not sent', () => {
    const error = { code: 'ECONNRESET', message: 'The peer reset the connection' }
    const line = formatHuman(
      event({ kind: 'connection-lost', cause: 'reset-by-peer', details: { error, unsentBytes: 5, ignoredBytes: 2 } }),
      plain,
    )
    expect(line).toContain('reset-by-peer  The peer reset the connection (ECONNRESET)  5 B unsent  2 B ignored')
  })

  it('colours only what it says itself, and only when asked', () => {
    const data = event({ length: 1, data: bytes('x') })
    expect(formatHuman(data, plain)).not.toContain('\x1b')
    const coloured = formatHuman(data, { colour: true, sides: false })
    expect(coloured).toContain('\x1b[34mdata-received')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what the test is about
    expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(formatHuman(data, plain))
  })

  it('holds no control or direction character, whatever bytes and whatever texts an event has', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom(...eventKinds),
        fc.constantFrom(...causes),
        (data, text, kind, cause) => {
          const address = { host: text, port: 1 }
          const details = { local: address, remote: address, error: { code: text, message: text } }
          const line = formatHuman(event({ kind, cause, data, length: data.length, details }), plain)
          expect(line).not.toMatch(steering)
        },
      ),
    )
  })
})

describe('a payload', () => {
  it('is cut at its width without cutting an escape, and then tells its true size', () => {
    expect(formatPayload(new Uint8Array(1000), 1000)).toBe(`${'\\0'.repeat(payloadWidth / 2)}… (1000 B)`)
    const text = formatPayload(new Uint8Array(1000).fill(0x1b), 1000)
    expect(text).toBe(`${'\\x1b'.repeat(payloadWidth / 4)}… (1000 B)`)
  })

  it('is shown whole up to its width, however many bytes its characters take', () => {
    expect(formatPayload(bytes('a'.repeat(payloadWidth)), payloadWidth)).toBe('a'.repeat(payloadWidth))
    expect(formatPayload(bytes('ä'.repeat(payloadWidth)), 2 * payloadWidth)).toBe('ä'.repeat(payloadWidth))
    const wide = '😀'.repeat(payloadWidth / 2)
    expect(formatPayload(bytes(wide), bytes(wide).length)).toBe(wide)
    expect(formatPayload(bytes(`${wide}x`), 241)).toBe(`${wide}… (241 B)`)
  })

  it('says so where only a part was recorded', () => {
    expect(formatPayload(bytes('abc'), 70_000)).toBe('abc… (70000 B)')
  })
})

describe('a sentence about a failure', () => {
  it('names the code once, whether or not the message has it', () => {
    expect(formatFailure({ code: 'EADDRINUSE', message: 'The port is taken' })).toBe('The port is taken (EADDRINUSE)')
    expect(formatFailure({ code: 'EADDRINUSE', message: 'listen EADDRINUSE' })).toBe('listen EADDRINUSE')
  })
})

it('the line in place of dropped events tells how many they were', () => {
  expect(formatDroppedHuman(12)).toMatch(/^ {13}events-dropped {5}12 events/)
})
