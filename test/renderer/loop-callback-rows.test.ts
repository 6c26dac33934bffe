// The rows of the callback table: callbacks of the shown stretch, with what is missing and what was collected between them.
import { describe, expect, test } from 'vitest'
import { rowAt, rowCount, rowOf, stretchOf } from '../../renderer/loop/callback-table/stretch.ts'
import { createLoopLog } from '../../renderer/loop-log/loop-log.ts'
import { call, makeLoopBatch, turn } from './support/loop-batches.ts'

const log = createLoopLog({ limitBytes: 64 * 1024 * 1024 })
log.append(
  makeLoopBatch(1, [
    call(1, 1, 'poll', 10, 12),
    call(2, 1, 'check', 12, 13, { own: true }),
    call(3, 1, 'timers', 20, 30),
    { kind: 'gc', start: 22, end: 26 },
    { kind: 'gc', start: 40, end: 40.2 },
    turn(1, 5, 10, 31),
  ]),
)
// Five records were dropped before this batch.
log.append(makeLoopBatch(12, [call(9, 3, 'poll', 60, 61), { kind: 'gc', start: 70, end: 72 }, turn(3, 50, 60, 62)], 5))

const rows = (startMs: number, endMs: number, own: boolean) => {
  const stretch = stretchOf(log, { startMs, endMs }, own)
  return Array.from({ length: rowCount(stretch) }, (_, index) => {
    const row = rowAt(log, stretch, index)
    return row.kind === 'callback' ? log.callbacks.at(row.position).id : row.kind
  })
}

describe('the callback table’s rows', () => {
  test('are the shown stretch’s callbacks, with gaps and long collections where they fell', () => {
    expect(rows(0, 100, false)).toEqual([1, 3, 'collection', 'gap', 9, 'collection'])
    expect(rows(0, 100, true)).toEqual([1, 2, 3, 'collection', 'gap', 9, 'collection'])
    expect(stretchOf(log, { startMs: 0, endMs: 100 }, false).hidden).toBe(1)
  })

  test('end with the stretch, and begin with what reaches into it', () => {
    expect(rows(11, 25, false)).toEqual([1, 3, 'collection'])
    expect(rows(65, 100, false)).toEqual(['collection'])
    expect(rows(32, 39, false)).toEqual(['gap'])
  })

  test('say where a callback stands, with everything before it counted', () => {
    const stretch = stretchOf(log, { startMs: 0, endMs: 100 }, false)
    for (const [index, id] of [
      [0, 1],
      [1, 3],
      [4, 9],
    ] as const)
      expect(rowOf(log, stretch, log.callbacks.positionOfId(id)!)).toBe(index)
    expect(rowOf(log, stretchOf(log, { startMs: 0, endMs: 15 }, false), log.callbacks.positionOfId(9)!)).toBeNull()
  })
})
