// Batches → lines on their way to standard output. Counterparts: events.ts (reads a batch), human-line.ts and json-line.ts
// (write a line), line-queue.ts (holds them for a slow reader), session.ts.
import { openBatch } from '../../preload/contract/event-columns.ts'
import type { EndpointSpec } from '../../preload/contract/vocabulary.ts'
import type { EngineHost } from '../engine-host.ts'
import { createEventReader, type WireEvent } from './events.ts'
import { formatHuman } from './human-line.ts'
import { writeJson } from './json-line.ts'
import type { LineParts, LineQueue } from './line-queue.ts'
import type { CommonOptions } from './options.ts'
import { createSlowCallbacks } from './slow-callbacks.ts'

/** Bytes of batches that wait for their lines; beyond, events are counted instead of printed. */
const waitingBytes = 32 * 1024 * 1024

type Buffer = Parameters<EngineHost['giveBack']>[0]

export interface Printer {
  /** Makes the lines of what still waits. Call it once, when the engine has stopped. */
  end(): void
}

/**
 * Prints from now on. `patient`: lines are made between batches and not while the engine waits for one to be taken; a
 * recording then misses nothing of what comes faster than it can be printed.
 */
export const createPrinter = (
  engine: EngineHost,
  queue: LineQueue,
  spec: EndpointSpec,
  options: CommonOptions & { readonly patient: boolean },
): Printer => {
  const reader = createEventReader()
  const human = { colour: process.stdout.isTTY && process.stdout.hasColors(), sides: spec.role === 'relay' }
  const write = (event: WireEvent, parts: LineParts) =>
    options.json ? writeJson(event, spec.name, parts) : parts.text(formatHuman(event, human))
  const slow = createSlowCallbacks()
  if (options.debug)
    engine.onLoop((buffer) => {
      for (const line of slow.read(buffer)) process.stderr.write(`${line}\n`)
    })

  const print = (buffer: Buffer) => {
    const batch = openBatch(buffer)
    slow.note(batch)
    if (!options.quiet) queue.drop(batch.droppedBefore)
    for (const event of reader.read(batch))
      if (!options.quiet || event.kind === 'listener-started') queue.push((parts) => write(event, parts))
  }

  /** Oldest first: batches, and how many events were given up between them. */
  const waiting: (Buffer | number)[] = []
  let heldBytes = 0
  let scheduled = false

  const printNext = () => {
    const next = waiting.shift()
    if (next === undefined) return
    if (typeof next === 'number') {
      if (!options.quiet) queue.drop(next)
      return
    }
    heldBytes -= next.byteLength
    print(next)
    engine.giveBack(next)
  }
  const turn = () => {
    printNext()
    scheduled = waiting.length > 0
    if (scheduled) setImmediate(turn)
  }

  engine.onBatch((buffer) => {
    if (!options.patient) {
      print(buffer)
      // All lines are made; the engine fills the same memory again instead of asking for new.
      return 'done'
    }
    if (!scheduled) setImmediate(turn)
    scheduled = true
    if (heldBytes > waitingBytes) {
      const { count, droppedBefore } = openBatch(buffer)
      const last = waiting.at(-1)
      if (typeof last === 'number') waiting[waiting.length - 1] = last + count + droppedBefore
      else waiting.push(count + droppedBefore)
      return 'done'
    }
    heldBytes += buffer.byteLength
    waiting.push(buffer)
    return 'kept'
  })

  return {
    end() {
      while (waiting.length > 0) printNext()
    },
  }
}
