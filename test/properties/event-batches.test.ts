// Batches of events under any sequence of writing, copying, compacting and taking: what is read back is what went in.
// Counterpart: preload/contract/event-columns.ts; single cases and hostile bytes are in test/contract/event-columns.test.ts.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type EventBatch,
  EventBatchWriter,
  isData,
  openBatch,
  rowBytesOf,
} from '../../preload/contract/event-columns.ts'
import { causes, eventKinds } from '../../preload/contract/vocabulary.ts'

interface Row {
  readonly kind: number
  readonly cause: number
  readonly connection: number
  readonly data: string
}

const anyRow: fc.Arbitrary<Row> = fc.record({
  kind: fc.nat({ max: eventKinds.length - 1 }),
  cause: fc.nat({ max: causes.length - 1 }),
  connection: fc.integer({ min: 0, max: 0xffff_ffff }),
  data: fc.string({ unit: 'binary-ascii', maxLength: 40 }),
})

type Step =
  /** Writes a row with bytes of its own, or again those of the row before it. */
  | { readonly what: 'write'; readonly row: Row; readonly shared: boolean }
  /** Copies a row out of a batch that was finished before. */
  | { readonly what: 'copy'; readonly batch: number; readonly index: number; readonly preview: number }
  | { readonly what: 'compact' }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ what: fc.constant('write' as const), row: anyRow, shared: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('copy' as const),
      batch: fc.nat({ max: 1 }),
      index: fc.nat({ max: 2 }),
      preview: fc.constantFrom(3, 50),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ what: 'compact' as const }) },
)

const read = (batch: EventBatch): Row[] =>
  Array.from({ length: batch.count }, (_, i) => ({
    kind: batch.kind[i]!,
    cause: batch.cause[i]!,
    connection: batch.connection[i]!,
    data: Buffer.from(rowBytesOf(batch, i)).toString('latin1'),
  }))

it('Batches hold what was written and copied into them, whatever was made compact in between', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 10, maxLength: 60 }), fc.nat(), (steps, firstSeq) => {
      const writer = new EventBatchWriter(100, 10_000)
      /** What the batch in hand must hold, and the batches that were finished. */
      let expected: Row[] = []
      const finished: EventBatch[] = []
      let last = { offset: 0, data: '' }
      const expectBatch = (buffer: ArrayBuffer) => {
        const batch = openBatch(buffer)
        expect({ firstSeq: batch.firstSeq, droppedBefore: batch.droppedBefore }).toEqual({ firstSeq, droppedBefore: 7 })
        expect(read(batch)).toEqual(expected)
        return batch
      }
      for (const step of steps) {
        if (step.what === 'write') {
          const again = step.shared && expected.length > 0
          const data = again ? last.data : step.row.data
          const offset = again ? last.offset : writer.store(Buffer.from(data, 'latin1'))
          last = { offset, data }
          const { kind, cause, connection } = step.row
          writer.append(kind, cause, 0, 0, connection, data.length, 0, 0, offset, data.length)
          expected.push({ ...step.row, data })
        } else if (step.what === 'copy') {
          const from = finished[step.batch]
          if (from === undefined || step.index >= from.count) continue
          writer.copyRow(from, step.index, step.preview)
          const row = read(from)[step.index]!
          const data = isData(row.kind) ? row.data.slice(0, step.preview) : row.data
          expected.push({ ...row, data })
          // Where its bytes lie is the writer's business: nothing shares them by hand.
          last = { offset: writer.store(Buffer.from('-')), data: '-' }
        } else {
          finished.push(expectBatch(writer.compact(firstSeq, 7)))
          expected = []
        }
      }
      expectBatch(writer.take(firstSeq, 7))
    }),
    { numRuns: 500 },
  )
})
