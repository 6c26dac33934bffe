// A page of a workbench, as far as main can tell: it subscribes, takes batches in, pays them back as fast as the test wants,
// and keeps everything it was told. Counterparts: main/page-session.ts; renderer/link/feed.ts, which is the real one.
import { onTestFinished } from 'vitest'
import { createPageSession, type PageSession } from '../../main/page-session.ts'
import type { Workbench } from '../../main/workbench.ts'
import type { CommandName, Commands, ToPage } from '../../preload/contract/api.ts'
import { type EventBatch, openBatch } from '../../preload/contract/event-columns.ts'
import type { Result } from '../../preload/contract/failure.ts'
import { type LoopBatch, openLoopBatch } from '../../preload/contract/loop-columns.ts'
import { type Event, eventsOf, expectOk } from '../support/engine.ts'
import { until } from '../support/loopback.ts'

export interface Page {
  readonly session: PageSession
  /** Everything that was posted to it, in order. */
  readonly messages: readonly ToPage[]
  readonly batches: readonly EventBatch[]
  readonly events: readonly Event[]
  readonly loopBatches: readonly LoopBatch[]
  /** Bytes of batches that are not paid back. */
  readonly owed: number
  /** The seq it wants next. */
  readonly nextSeq: number
  /** With `fromRecord`, to the loop's records too. */
  subscribe(fromSeq: number, fromRecord?: number): void
  /** Pays back so many bytes, all that are owed unless said. */
  pay(bytes?: number): void
  do<K extends CommandName>(name: K, args: Commands[K]['args']): Promise<Commands[K]['value']>
  /** Resolves once it has every event up to `seq`; waits for as long as `until` does. */
  caughtUp(seq: number, patienceMs?: number): Promise<void>
  messagesOf<T extends ToPage['type']>(type: T): Extract<ToPage, { type: T }>[]
}

/** How it pays: at once for each batch, when the test says so, or with a pause of so many turns of the loop for each. */
export type Paying = 'at once' | 'by hand' | { readonly turns: number }

export const openPage = (workbench: Workbench, paying: Paying = 'at once'): Page => {
  const messages: ToPage[] = []
  const batches: EventBatch[] = []
  const events: Event[] = []
  const loopBatches: LoopBatch[] = []
  let owed = 0

  const pay = (bytes = owed) => {
    owed -= bytes
    expectOk(session.receive({ type: 'credit', bytes }))
  }
  const payLater = (bytes: number, turns: number) => {
    if (turns === 0) pay(bytes)
    else setImmediate(payLater, bytes, turns - 1)
  }
  const session = createPageSession(workbench, (message) => {
    messages.push(message)
    if (message.type === 'batch') {
      const batch = openBatch(message.buffer)
      batches.push(batch)
      events.push(...eventsOf(batch))
    } else if (message.type === 'loop') loopBatches.push(openLoopBatch(message.buffer))
    else return
    owed += message.buffer.byteLength
    if (paying === 'at once') payLater(message.buffer.byteLength, 1)
    else if (paying !== 'by hand') payLater(message.buffer.byteLength, paying.turns)
  })
  onTestFinished(() => session.dispose())

  const page: Page = {
    session,
    messages,
    batches,
    events,
    loopBatches,
    get owed() {
      return owed
    },
    get nextSeq() {
      const last = batches.at(-1)
      return last === undefined ? 0 : last.firstSeq + last.count
    },
    subscribe: (fromSeq, fromRecord) =>
      void expectOk(
        session.receive({ type: 'subscribe', fromSeq, ...(fromRecord === undefined ? {} : { fromRecord }) }),
      ),
    pay,
    do: async <K extends CommandName>(name: K, args: Commands[K]['args']) =>
      expectOk((await session.invoke(name, args)) as Result<Commands[K]['value']>),
    caughtUp: (seq, patienceMs) =>
      until(
        () => page.nextSeq > seq,
        () => `event ${seq}; the page has ${page.nextSeq - 1}`,
        patienceMs,
      ),
    messagesOf: <T extends ToPage['type']>(type: T) =>
      messages.filter((message): message is Extract<ToPage, { type: T }> => message.type === type),
  }
  return page
}

/** Every batch's first seq is the one wanted, or as many later as it says were dropped. Answers how many were. */
export const checkSeqs = (batches: readonly EventBatch[], fromSeq = 1): number => {
  let next = fromSeq
  let dropped = 0
  for (const batch of batches) {
    if (batch.firstSeq !== next + batch.droppedBefore)
      throw new Error(`A batch begins with ${batch.firstSeq} and ${batch.droppedBefore} dropped; ${next} was to come`)
    dropped += batch.droppedBefore
    next = batch.firstSeq + batch.count
  }
  return dropped
}
