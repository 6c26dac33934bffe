// How streams are cut into messages. Counterparts: preload/contract/framing.ts, frame-cuts.ts; properties of any chunking are
// in test/properties/framing.test.ts.
import { describe, expect, it } from 'vitest'
import { type Frame, Framer, type Framing, maxFrameBytes } from '../../preload/contract/framing.ts'

const latin1 = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const be4: Framing = { kind: 'length', size: 4, endian: 'big', offset: 0, inclusive: false }

/** Pushes the pieces and ends; answers bodies, and a mark behind what was not whole. */
const bodies = (framing: Framing, ...pieces: string[]) => {
  const framer = new Framer(framing)
  const frames: Frame[] = pieces.flatMap((piece) => [...framer.push(latin1(piece)).frames])
  const rest = framer.end()
  return [...frames, ...(rest === null ? [] : [rest])].map((frame) => text(frame.body) + (frame.complete ? '' : '…'))
}

describe('framing', () => {
  it('takes every chunk for a message where nothing is said', () => {
    expect(bodies({ kind: 'raw' }, 'a\nb', 'c')).toEqual(['a\nb', 'c'])
  })

  it('cuts lines at LF, takes a CR before it off, and tells what was left without an ending', () => {
    expect(bodies({ kind: 'line' }, 'one\r\ntwo\n\n\r\nfo', 'ur\rx\r', '\nrest')).toEqual([
      'one',
      'two',
      '',
      '',
      'four\rx',
      'rest…',
    ])
  })

  it('cuts at a delimiter that comes over the border of two chunks, also after a false start', () => {
    const delimiter = latin1('aab')
    expect(bodies({ kind: 'delimiter', delimiter }, '1aa', 'ab2a', 'a', 'b3aa')).toEqual(['1a', '2', '3aa…'])
  })

  it('reads a length in either order of bytes, with what stands before it, with and without itself', () => {
    expect(bodies(be4, '\0\0\0\x02hi\0\0\0\0\0\0', '\0\x01!')).toEqual(['hi', '', '!'])
    const le2 = { kind: 'length', size: 2, endian: 'little', offset: 1, inclusive: true } as const
    expect(bodies(le2, 'T\x05\0abT\x03', '\0T')).toEqual(['T\x05\0ab', 'T\x03\0', 'T…'])
    const one = { kind: 'length', size: 1, endian: 'big', offset: 0, inclusive: false } as const
    expect(bodies(one, '\x03abc\x01d')).toEqual(['abc', 'd'])
    const be8 = { kind: 'length', size: 8, endian: 'big', offset: 0, inclusive: false } as const
    expect(bodies(be8, '\0\0\0\0\0\0\0\x02ok')).toEqual(['ok'])
  })

  it('cuts pieces of one size', () => {
    expect(bodies({ kind: 'fixed', bytes: 3 }, 'abcd', 'efg')).toEqual(['abc', 'def', 'g…'])
  })

  it('ends a message at a pause, told by the times of its chunks or by the caller’s timer', () => {
    const framer = new Framer({ kind: 'idle', idleMs: 50 })
    expect(framer.push(latin1('a'), 0).frames).toEqual([])
    expect(framer.push(latin1('b'), 49).frames).toEqual([])
    expect(framer.push(latin1('c'), 99).frames.map((frame) => text(frame.bytes))).toEqual(['ab'])
    expect(text(framer.flush()!.bytes)).toBe('c')
    expect(framer.flush()).toBe(null)
    framer.push(latin1('d'), 100)
    expect(framer.end()).toMatchObject({ start: 3, end: 4, complete: true })
  })

  it('does not end a message of another framing at a pause', () => {
    const framer = new Framer({ kind: 'line' })
    framer.push(latin1('half a li'))
    expect(framer.flush()).toBe(null)
    expect(framer.pendingBytes).toBe(9)
  })

  it('says where a message lies in the stream', () => {
    const framer = new Framer({ kind: 'line' }, 1000)
    framer.push(latin1('ab'))
    const { frames } = framer.push(latin1('c\nd\n'))
    expect(frames.map(({ start, end }) => [start, end])).toEqual([
      [1000, 1004],
      [1004, 1006],
    ])
  })

  it('keeps frames as they are while it goes on with the next ones', () => {
    const framer = new Framer({ kind: 'line' })
    framer.push(latin1('on'))
    const [first] = framer.push(latin1('e\nt')).frames
    const [second] = framer.push(latin1('wo\nthree')).frames
    framer.push(latin1('!\n'))
    expect([text(first!.bytes), text(second!.bytes)]).toEqual(['one\n', 'two\n'])
  })

  it.each([
    [be4, '\xff\xff\xff\xff', 'message-too-long', 'The length says 4294967295 bytes'],
    [{ ...be4, size: 8 }, '\0\x20\0\0\0\0\0\0', 'message-too-long', 'more than 2^53 bytes'],
    [{ ...be4, size: 1, inclusive: true }, '\0', 'bad-length', '0 bytes in all, less than the 1'],
  ] as const)('fails at a length that cannot be, and goes on as raw: %j', (framing, head, code, words) => {
    const framer = new Framer(framing, 10)
    framer.push(latin1(head.slice(0, -1)))
    const { frames, failure } = framer.push(latin1(`${head.slice(-1)}rest`))
    expect(failure).toMatchObject({ code, at: 10 })
    expect(failure!.message).toContain(words)
    expect(frames.map((frame) => text(frame.bytes))).toEqual([`${head}rest`])
    expect(framer.push(latin1('\xff\xff\xff\xff')).failure).toBe(null)
  })

  it.each([{ kind: 'line' }, { kind: 'delimiter', delimiter: latin1('--') }, { kind: 'idle', idleMs: 50 }] as const)(
    'waits for no more than 16 MiB of one message: $kind',
    (framing) => {
      const framer = new Framer(framing)
      const piece = new Uint8Array(maxFrameBytes / 4).fill(0x41)
      for (let i = 0; i < 4; i++) expect(framer.push(piece)).toEqual({ frames: [], failure: null })
      const { frames, failure } = framer.push(latin1('A'))
      expect(failure).toMatchObject({ code: 'message-too-long', at: 0 })
      expect(frames.map((frame) => frame.bytes.length)).toEqual([maxFrameBytes + 1])
      expect(framer.pendingBytes).toBe(0)
    },
  )

  it('goes on by another framing with what had come of a message', () => {
    const framer = new Framer({ kind: 'delimiter', delimiter: latin1('\0') })
    framer.push(latin1('GET a\nGE'))
    expect(framer.reframe({ kind: 'line' }).frames.map((frame) => text(frame.body))).toEqual(['GET a'])
    const { frames } = framer.push(latin1('T b\n'))
    expect(frames).toMatchObject([{ start: 6, end: 12 }])
    expect(text(frames[0]!.body)).toBe('GET b')
  })
})
