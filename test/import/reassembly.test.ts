// Streams put in order again: whatever the order, the repetitions and the overlaps, what comes out is what was sent, and what
// never came is a hole of its size. Counterpart: main/import/reassembly.ts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDirection, waitingBytes } from '../../main/import/reassembly.ts'

const start = () => {
  const told: { data: string; length: number }[] = []
  let ends = 0
  const direction = createDirection({
    bytes: (data, length) => told.push({ data: Buffer.from(data).toString('latin1'), length }),
    end: () => ends++,
  })
  return {
    direction,
    text: () =>
      told.map(({ data, length }) => (data.length === length ? data : `${data}[${length - data.length}]`)).join(''),
    ends: () => ends,
  }
}

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('A direction', () => {
  it('is told whole and once, whatever order, repetitions and overlaps its packets have, also where numbers wrap', () => {
    const packet = fc.record({ from: fc.nat(199), length: fc.integer({ min: 1, max: 60 }), order: fc.nat(1000) })
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 40 }), fc.integer({ min: 0, max: 0xffff_ffff }), (extra, first) => {
        const sent = Buffer.from(Array.from({ length: 200 }, (_, i) => i))
        const cover = Array.from({ length: 10 }, (_, i) => ({ from: i * 20, length: 20, order: (i * 373) % 1000 }))
        const packets = [...cover, ...extra].sort((a, b) => a.order - b.order)
        const { direction, text, ends } = start()
        direction.begin(first)
        for (const { from, length } of packets) {
          const data = sent.subarray(from, from + length)
          direction.take((first + from) >>> 0, data, data.length)
        }
        direction.finish((first + 200) >>> 0)
        expect(text()).toBe(sent.toString('latin1'))
        expect(ends()).toBe(1)
      }),
    )
  })

  it('gives a hole up when the other side says that it has what is behind it', () => {
    const { direction, text } = start()
    direction.begin(1000)
    direction.take(1000, bytes('abc'), 3)
    direction.take(1010, bytes('xyz'), 3)
    expect(text()).toBe('abc')
    direction.acknowledged(1010)
    expect(text()).toBe('abc[7]xyz')
  })

  it('tells of holes at its end, and of one behind the last byte', () => {
    const { direction, text, ends } = start()
    direction.begin(0)
    direction.take(5, bytes('late'), 4)
    direction.finish(12)
    expect(text()).toBe('')
    direction.flush()
    expect(text()).toBe('[5]late[3]')
    expect(ends()).toBe(1)
  })

  it('keeps what was cut off by a snap length as missing', () => {
    const { direction, text } = start()
    direction.begin(0)
    direction.take(0, bytes('be'), 10)
    direction.take(4, bytes('overlap'), 12)
    expect(text()).toBe('be[8]p[5]')
  })

  it('waits for a hole with a bounded memory', () => {
    const { direction, text } = start()
    direction.begin(0)
    const piece = Buffer.alloc(64 * 1024, 'x')
    let number = 100
    for (; number < waitingBytes + piece.length * 2; number += piece.length) direction.take(number, piece, piece.length)
    expect(text().startsWith('[100]xxx')).toBe(true)
  })
})
