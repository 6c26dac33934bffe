// The column layout of event batches: what is written is read back, and bytes that are no batch are refused.
// Counterpart: preload/contract/event-columns.ts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  arenaStart,
  causeCode,
  detailsText,
  type EventBatch,
  EventBatchWriter,
  isData,
  kindCode,
  openBatch,
  rowBytesOf,
  rowDetails,
} from '../../preload/contract/event-columns.ts'
import { causes, eventKinds } from '../../preload/contract/vocabulary.ts'

interface Row {
  readonly kind: number
  readonly cause: number
  readonly at: number
  readonly endpoint: number
  readonly connection: number
  readonly length: number
  readonly iteration: number
  readonly callback: number
  readonly data: Uint8Array
}

const emptyRow: Row = {
  kind: 0,
  cause: 0,
  at: 0,
  endpoint: 1,
  connection: 1,
  length: 0,
  iteration: 0,
  callback: 0,
  data: new Uint8Array(),
}

const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const anyRow: fc.Arbitrary<Row> = fc.record({
  kind: fc.nat({ max: eventKinds.length - 1 }),
  cause: fc.nat({ max: causes.length - 1 }),
  at: fc.double({ min: 0, noNaN: true }),
  endpoint: u32,
  connection: u32,
  length: u32,
  iteration: u32,
  callback: u32,
  data: fc.uint8Array({ maxLength: 300 }),
})

const arenaOf = (rows: readonly Row[]) => rows.reduce((sum, row) => sum + row.data.length, 0)

/** Writes a row whose bytes are in the arena already. */
const append = (writer: EventBatchWriter, row: Omit<Row, 'data'>, dataOffset: number, dataLength: number) =>
  writer.append(
    row.kind,
    row.cause,
    row.at,
    row.endpoint,
    row.connection,
    row.length,
    row.iteration,
    row.callback,
    dataOffset,
    dataLength,
  )

const write = (writer: EventBatchWriter, rows: readonly Row[]) => {
  for (const row of rows) append(writer, row, writer.store(row.data), row.data.length)
}

const rowsOf = (batch: EventBatch): Row[] =>
  Array.from({ length: batch.count }, (_, i) => ({
    kind: batch.kind[i]!,
    cause: batch.cause[i]!,
    at: batch.at[i]!,
    endpoint: batch.endpoint[i]!,
    connection: batch.connection[i]!,
    length: batch.length[i]!,
    iteration: batch.iteration[i]!,
    callback: batch.callback[i]!,
    data: rowBytesOf(batch, i).slice(),
  }))

const cut = (row: Row, maxData: number): Row => (isData(row.kind) ? { ...row, data: row.data.slice(0, maxData) } : row)

describe('A batch', () => {
  it('is read as it was written, taken whole or made compact', () => {
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 40 }),
        fc.nat({ max: 50 }),
        fc.nat({ max: 1000 }),
        fc.maxSafeNat(),
        fc.nat(),
        fc.boolean(),
        (rows, spareRows, spareBytes, firstSeq, droppedBefore, compact) => {
          const writer = new EventBatchWriter(rows.length + spareRows, arenaOf(rows) + spareBytes)
          write(writer, rows)
          expect(writer.count).toBe(rows.length)
          expect(writer.arenaBytes).toBe(arenaOf(rows))
          const batch = openBatch(
            compact ? writer.compact(firstSeq, droppedBefore) : writer.take(firstSeq, droppedBefore),
          )
          expect(rowsOf(batch)).toEqual(rows)
          expect([batch.firstSeq, batch.droppedBefore, batch.count]).toEqual([firstSeq, droppedBefore, rows.length])
        },
      ),
    )
  })

  it('takes just the bytes of its rows and its arena when it is made compact', () => {
    const writer = new EventBatchWriter(1000, 10_000)
    write(writer, [{ ...emptyRow, data: new Uint8Array(3) }])
    expect(writer.compact(1, 0).byteLength).toBe(arenaStart(1) + 3)
  })

  it('can be filled again after it was made compact, and again taken', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 10 }), fc.array(anyRow, { maxLength: 10 }), (first, second) => {
        const writer = new EventBatchWriter(10, Math.max(arenaOf(first), arenaOf(second)))
        write(writer, first)
        const one = openBatch(writer.compact(1, 0))
        write(writer, second)
        const two = openBatch(writer.take(11, 0))
        expect([rowsOf(one), rowsOf(two)]).toEqual([first, second])
      }),
    )
  })

  it('fits rows up to its capacity, and bytes up to its arena', () => {
    const writer = new EventBatchWriter(2, 10)
    expect([writer.fits(10), writer.fits(11)]).toEqual([true, false])
    write(writer, [{ ...emptyRow, data: new Uint8Array(8) }])
    expect([writer.fits(2), writer.fits(3), writer.fits(0)]).toEqual([true, false, true])
    write(writer, [emptyRow])
    expect(writer.fits(0)).toBe(false)
  })

  it('reuses the buffer it is handed where the size is right, and only then', () => {
    const spare = new EventBatchWriter(4, 100).buffer
    expect(new EventBatchWriter(4, 100, spare).buffer).toBe(spare)
    expect(new EventBatchWriter(4, 101, spare).buffer).not.toBe(spare)
    expect(new EventBatchWriter(4, 100, new ArrayBuffer(0)).buffer.byteLength).toBe(spare.byteLength)
  })

  it('shows nothing of what a reused buffer held before', () => {
    const writer = new EventBatchWriter(4, 100)
    write(writer, [{ ...emptyRow, kind: 5, connection: 9, data: new Uint8Array(100).fill(9) }])
    const batch = openBatch(new EventBatchWriter(4, 100, writer.take(1, 5)).take(1, 0))
    expect([batch.count, batch.arenaBytes, batch.droppedBefore]).toEqual([0, 0, 0])
  })
})

describe('Rows copied from batch to batch', () => {
  it('keep every column, with payloads cut to the limit and details whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyRow, { maxLength: 10 }), { maxLength: 5 }),
        fc.oneof(fc.nat({ max: 400 }), fc.constant(Number.POSITIVE_INFINITY)),
        (groups, maxData) => {
          const batches = groups.map((rows) => {
            const writer = new EventBatchWriter(rows.length, arenaOf(rows))
            write(writer, rows)
            return openBatch(writer.take(1, 0))
          })
          const expected = groups.flat().map((row) => cut(row, maxData))
          const writer = new EventBatchWriter(expected.length, arenaOf(expected))
          for (const batch of batches) for (let i = 0; i < batch.count; i++) writer.copyRow(batch, i, maxData)
          expect(rowsOf(openBatch(writer.take(1, 0)))).toEqual(expected)
        },
      ),
    )
  })

  it('go on sharing bytes that they shared: what was received and sent again is stored once', () => {
    const from = new EventBatchWriter(2, 1000)
    const offset = from.store(new Uint8Array(1000).fill(7))
    for (const kind of ['data-received', 'data-sent'] as const)
      append(from, { ...emptyRow, kind: kindCode(kind), length: 1000 }, offset, 1000)
    const batch = openBatch(from.take(1, 0))
    const to = new EventBatchWriter(2, 1000)
    to.copyRow(batch, 0, Number.POSITIVE_INFINITY)
    to.copyRow(batch, 1, Number.POSITIVE_INFINITY)
    expect(to.arenaBytes).toBe(1000)
    const copied = openBatch(to.take(1, 0))
    expect([rowBytesOf(copied, 0), rowBytesOf(copied, 1)]).toEqual([
      new Uint8Array(1000).fill(7),
      new Uint8Array(1000).fill(7),
    ])
  })
})

describe('Bytes that are no batch', () => {
  const good = () => {
    const writer = new EventBatchWriter(3, 30)
    for (let i = 0; i < 3; i++)
      write(writer, [{ ...emptyRow, kind: kindCode('data-received'), data: new Uint8Array(10) }])
    return writer.take(1, 0)
  }
  /** `good()` with one number of the header, or of the row columns behind it, overwritten. */
  const spoiled = (offset: number, value: number) => {
    const buffer = good()
    new DataView(buffer).setUint32(offset, value, true)
    return buffer
  }

  it.each([
    ['nothing', new ArrayBuffer(0)],
    ['a header cut short', good().slice(0, 39)],
    ['a batch cut short by one byte', good().slice(0, -1)],
    ['another magic number', spoiled(0, 1)],
    ['more rows than there is room for', spoiled(8, 4)],
    ['a capacity beyond the buffer', spoiled(4, 1000)],
    ['a capacity that overflows', spoiled(4, 0xffff_ffff)],
    ['a capacity that wraps around 2^32 bytes', spoiled(4, 126_322_568)],
    ['an arena beyond the buffer', spoiled(12, 31)],
    ['an arena of 4 GiB', spoiled(12, 0xffff_ffff)],
  ])('are refused by a RangeError: %s', (_, buffer) => {
    expect(() => openBatch(buffer)).toThrow(RangeError)
  })

  it('are refused where a row names bytes outside of the arena, or a kind or cause that does not exist', () => {
    const batch = openBatch(good())
    const spoil = (change: (batch: EventBatch) => void) => () => {
      const copy = openBatch(good())
      change(copy)
      return openBatch(copy.buffer)
    }
    expect(spoil(() => undefined)().count).toBe(batch.count)
    for (const change of [
      (b: EventBatch) => b.dataOffset.set([21], 1),
      (b: EventBatch) => b.dataLength.set([31], 0),
      (b: EventBatch) => b.dataOffset.set([0xffff_fff6], 0),
      (b: EventBatch) => b.kind.set([eventKinds.length], 2),
      (b: EventBatch) => b.cause.set([255], 2),
    ])
      expect(spoil(change)).toThrow(RangeError)
  })

  it('never lead to more than a RangeError, whatever they are', () => {
    const flips = fc.array(fc.tuple(fc.nat({ max: good().byteLength - 1 }), fc.nat({ max: 255 })), { maxLength: 6 })
    const spoilt = flips.map((all) => {
      const bytes = new Uint8Array(good())
      for (const [at, value] of all) bytes[at] = value
      return bytes.buffer
    })
    const anything = fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.slice().buffer)
    fc.assert(
      fc.property(fc.oneof(spoilt, anything), (buffer) => {
        let batch: EventBatch
        try {
          batch = openBatch(buffer)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          return
        }
        for (const row of rowsOf(batch)) {
          expect(eventKinds[row.kind]).toBeDefined()
          expect(causes[row.cause]).toBeDefined()
        }
      }),
      { numRuns: 3000 },
    )
  })
})

describe('Details', () => {
  it('come back as they were put in, with any text in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (message, code) => {
        const error = { code, message: message.toWellFormed() }
        const bytes = Buffer.from(detailsText({ error, remote: { host: '::1', port: 80 } }))
        const writer = new EventBatchWriter(1, bytes.length)
        write(writer, [{ ...emptyRow, kind: kindCode('connection-failed'), cause: causeCode('refused'), data: bytes }])
        const batch = openBatch(writer.take(1, 0))
        expect(rowDetails<'connection-failed'>(batch, 0)).toEqual({ error, remote: { host: '::1', port: 80 } })
      }),
    )
  })

  it('are null for data and for kinds that have none', () => {
    const writer = new EventBatchWriter(2, 10)
    write(writer, [
      { ...emptyRow, kind: kindCode('data-sent'), data: Uint8Array.of(0x7b, 0x7d) },
      { ...emptyRow, kind: kindCode('eof-sent') },
    ])
    const batch = openBatch(writer.take(1, 0))
    expect([rowDetails(batch, 0), rowDetails(batch, 1)]).toEqual([null, null])
    expect(detailsText(null)).toBe('')
  })

  it('name kinds and causes by their place in the vocabulary, which captures rely on', () => {
    expect(eventKinds.map(kindCode)).toEqual(eventKinds.map((_, i) => i))
    expect(causes.map(causeCode)).toEqual(causes.map((_, i) => i))
    expect(eventKinds.filter((_, i) => isData(i))).toEqual(['data-received', 'data-sent'])
  })
})
