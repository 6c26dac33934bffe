// Writes to a connection at given times, by the loop's own clock and no faster than the peer reads: what a replay is made of.
// Counterparts: preload/contract/exports.ts (`writePaced`), main/replay (which asks for it, window after window).
import type { PacedChunk } from '../../../preload/contract/exports.ts'
import type { EventLoop } from '../loop/event-loop.ts'
import type { Connection } from './connection.ts'

/** The longest that is slept at once, in ms: a connection that has ended meanwhile is noticed after it. */
const sliceMs = 250

/**
 * `origin`: the time on the loop's clock that chunks' times count from; null for now. Ends early where the connection takes
 * no more bytes. `writable` resolves when writing may go on.
 */
export const writePaced = async (
  loop: EventLoop,
  connection: Connection,
  origin: number | null,
  chunks: readonly PacedChunk[],
  writable: () => Promise<unknown>,
): Promise<{ origin: number; sentBytes: number }> => {
  const from = origin ?? loop.time()
  const sleep = (ms: number) => new Promise<void>((resolve) => loop.callLater(ms, resolve))
  let sentBytes = 0
  for (const { atMs, data } of chunks) {
    for (let left = from + atMs - loop.time(); left > 0 && connection.canSend; left = from + atMs - loop.time())
      await sleep(Math.min(left, sliceMs))
    if (connection.canSend && connection.sendingPaused) await writable()
    if (!connection.canSend) break
    connection.endpoint.send(connection, data)
    sentBytes += data.length
  }
  return { origin: from, sentBytes }
}
