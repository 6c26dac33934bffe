// What the lifelines decide before they draw: heights of ticks, order of rows, which event a pointer means, which bytes of
// a relay belong together.
import { describe, expect, test } from 'vitest'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { nearestPosition } from '../../renderer/canvas/hit-test.ts'
import { drawTicks, tickHeight, tickHeights } from '../../renderer/canvas/marks.ts'
import { createEventLog, type EventLog } from '../../renderer/event-log/event-log.ts'
import { weightOfLength } from '../../renderer/event-log/weight.ts'
import { findJoins } from '../../renderer/workbench/lifelines/draw-joins.ts'
import { orderRows, rowLook } from '../../renderer/workbench/lifelines/rows.ts'
import { data, type EventSketch, lost, made, makeBatch } from './support/batches.ts'

const logOf = (events: readonly EventSketch[]): EventLog => {
  const log = createEventLog({ limitBytes: 64 * 1024 * 1024 })
  log.append(makeBatch(1, events))
  return log
}
const address = { host: '127.0.0.1', port: 9 }
const half = (at: number, connection: number, side: 'upstream' | 'downstream', pair: number): EventSketch => ({
  kind: 'connection-made',
  at,
  connection,
  details: {
    local: address,
    remote: address,
    direction: side === 'upstream' ? 'out' : 'in',
    side,
    pair: pair as ConnectionId,
  },
})

describe('ticks', () => {
  test('are 3 to 8 px high by the logarithm of their bytes', () => {
    expect([0, 1, 2, 13, 228, 1024, 65_536, 1e9].map(tickHeight)).toEqual([3, 3, 3, 3, 5, 6, 8, 8])
  })

  test('are as high by weight as by bytes, to within a pixel', () => {
    for (let bytes = 1; bytes < 100_000; bytes = Math.ceil(bytes * 1.1))
      expect(Math.abs(tickHeights[weightOfLength(bytes)]! - tickHeight(bytes))).toBeLessThanOrEqual(1)
    expect(tickHeights[0]).toBe(0)
  })

  test('merge where they touch and keep the taller one', () => {
    const boxes: number[][] = []
    const context = { fillRect: (...box: number[]) => boxes.push(box) } as unknown as CanvasRenderingContext2D
    drawTicks(context, Uint8Array.from([0, 0, 4, 0, 0, 3, 3, 8, 0]), 100, 50, true)
    expect(boxes).toEqual([
      [101, 46, 2, 4],
      [104, 47, 2, 3],
      [106, 42, 2, 8],
    ])
  })
})

describe('rows', () => {
  test('stand in the order of their first events, with the halves of a relay side by side', () => {
    const log = logOf([
      made(0, 1),
      half(1, 2, 'downstream', 4),
      made(2, 3),
      half(3, 4, 'upstream', 2),
      half(4, 5, 'downstream', 6),
    ])
    expect(orderRows(log.connections).map((row) => [row.connection.id, row.pair])).toEqual([
      [1, null],
      [2, 'below'],
      [4, 'above'],
      [3, null],
      [5, null],
    ])
  })

  test('shrink above 200', () => {
    expect([rowLook(200).height, rowLook(201).height]).toEqual([28, 12])
  })
})

describe('a pointer', () => {
  const log = logOf([made(0, 1), data(10, 1, 'sent', 1), data(11, 1, 'received', 1), lost(50, 1, 'closed-here')])
  const { track } = log.connections.get(1 as ConnectionId)!
  const hit = (at: number, prefer: 'sent' | 'received' | 'other') => nearestPosition(track, at, 4, track.end, prefer)

  test('means the nearest event of the half that it points at', () => {
    expect([hit(10.9, 'sent'), hit(10.1, 'received')]).toEqual([1, 2])
  })

  test('means another event where its half has none near', () => {
    expect(hit(52, 'sent')).toBe(3)
  })

  test('means nothing where nothing is near, or not shown yet', () => {
    expect(hit(30, 'sent')).toBe(null)
    expect(nearestPosition(track, 50, 4, 3, 'other')).toBe(null)
  })
})

describe('the joining lines of a relay', () => {
  const iteration = (sketch: EventSketch, value: number): EventSketch => ({ ...sketch, iteration: value })
  const log = logOf([
    half(0, 1, 'downstream', 2),
    half(0, 2, 'upstream', 1),
    iteration(data(10, 1, 'received', 5), 7),
    iteration(data(11, 1, 'received', 5), 7),
    iteration(data(12, 2, 'sent', 5), 7),
    iteration(data(13, 2, 'sent', 5), 7),
    iteration(data(20, 1, 'received', 6), 8),
    iteration(data(21, 2, 'sent', 9), 8),
    iteration(data(30, 1, 'received', 6), 9),
    iteration(data(31, 2, 'sent', 6), 10),
    iteration(data(40, 2, 'received', 3), 11),
    iteration(data(41, 1, 'sent', 3), 11),
  ])
  const one = log.connections.get(1 as ConnectionId)!
  const two = log.connections.get(2 as ConnectionId)!

  test('join the same size in the same iteration, each chunk once, each way by itself', () => {
    expect(findJoins(log, one, two, 0, 100)).toEqual([
      { fromAt: 10, toAt: 12 },
      { fromAt: 11, toAt: 13 },
    ])
    expect(findJoins(log, two, one, 0, 100)).toEqual([{ fromAt: 40, toAt: 41 }])
  })
})
