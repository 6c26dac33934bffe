// One direction of a pair with a lab in it and nothing around it: a clock that the test moves, and everything that comes out with
// the time at which it does. Counterpart: main/engine/endpoints/lab/flow.ts; relay-lab.test.ts has it in a real relay.
import { Flow, type FlowHost, type RelayLabState } from '../../../../main/engine/endpoints/lab/flow.ts'
import { HeldChunks } from '../../../../main/engine/endpoints/lab/held-chunks.ts'
import type { End } from '../../../../main/engine/endpoints/lab/piece.ts'
import type { Fault, FaultAction, FlowLab } from '../../../../preload/contract/faults.ts'
import type { Framing } from '../../../../preload/contract/framing.ts'
import type { ConnectionId, EndpointId, EventDetails, EventKind } from '../../../../preload/contract/vocabulary.ts'

export const fault = (action: FaultAction, more: Partial<Fault> = {}): Fault => ({
  name: action.kind,
  on: true,
  toxicity: 1,
  seed: 1,
  action,
  trigger: null,
  ...more,
})

export const lab = (more: Partial<FlowLab>): FlowLab => ({
  intercept: { on: false, pattern: { match: 'always', text: '' } },
  replacements: [],
  faults: [],
  ...more,
})

export const faulty = (...faults: readonly Fault[]): FlowLab => lab({ faults })

/** Something that came out: text, or how the direction ended. */
export interface Out {
  readonly at: number
  readonly text: string
}

export interface LabEvent {
  readonly at: number
  readonly kind: EventKind
  readonly details: unknown
}

export interface VirtualFlow {
  readonly flow: Flow
  readonly held: HeldChunks
  readonly relay: RelayLabState
  /** Hands over a chunk as a read does: its memory is used again at once. Answers its seq. */
  push(data: string | Uint8Array): number
  end(end?: End): void
  /** Lets so many ms pass, callbacks in their order. */
  pass(ms: number): void
  configure(faults: readonly Fault[], more?: Partial<FlowLab>, framing?: Framing): void
  now(): number
  readonly out: Out[]
  /** All that came out, as one text (latin1), without ends. */
  text(): string
  readonly bytesOut: number
  readonly events: LabEvent[]
  /** Effects of `fault-applied` events, with the chunk. */
  effects(): { readonly fault: string; readonly chunk: number | null; readonly effect: unknown }[]
  /** Why the source is not read from. */
  readonly paused: Set<string>
  sinkPaused: boolean
}

export const virtualFlow = (
  spec: FlowLab,
  options: { readonly pair?: number; readonly framing?: Framing; readonly relay?: RelayLabState } = {},
): VirtualFlow => {
  let now = 1000
  let seq = 10
  let timers: { readonly at: number; readonly order: number; readonly callback: () => void }[] = []
  let order = 0
  const out: Out[] = []
  const events: LabEvent[] = []
  const paused = new Set<string>()
  const readMemory = new Uint8Array(1024 * 1024)
  let bytesOut = 0
  const relay = options.relay ?? { held: new HeldChunks(1 as EndpointId, () => {}), waitingBytes: 0 }
  const { held } = relay
  const host: FlowHost = {
    flow: 'upstream',
    pair: options.pair ?? 1,
    madeAt: now,
    from: 1 as ConnectionId,
    to: 2 as ConnectionId,
    relay,
    now: () => now,
    callAt: (at, callback) => {
      const timer = { at, order: order++, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter((each) => each !== timer)
      }
    },
    deliver: (data) => {
      bytesOut += data.length
      out.push({ at: now - 1000, text: Buffer.from(data).toString('latin1') })
    },
    deliverEnd: (end) => {
      out.push({ at: now - 1000, text: `[${end}]` })
      // As a pair does: what waits elsewhere is let go, and nothing is done any more.
      if (end === 'close') flow.release()
    },
    resetPair: () => {
      out.push({ at: now - 1000, text: '[both reset]' })
      flow.dispose()
    },
    sinkPaused: () => test.sinkPaused,
    holdSource: (reason, on) => {
      if (on) paused.add(reason)
      else paused.delete(reason)
    },
    record: (kind, details: EventDetails[EventKind]) => events.push({ at: now - 1000, kind, details }),
  }
  const flow = new Flow(host)
  flow.configure(spec, options.framing)
  let lastSpec = spec
  let lastFraming = options.framing
  const test: VirtualFlow = {
    flow,
    held,
    relay,
    push(data) {
      const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
      readMemory.set(bytes)
      flow.push(readMemory.subarray(0, bytes.length), seq)
      readMemory.fill(0x21, 0, bytes.length)
      return seq++
    },
    end: (end = 'fin') => flow.end(end),
    pass(ms) {
      const until = now + ms
      for (;;) {
        const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0]
        if (next === undefined) break
        timers = timers.filter((timer) => timer !== next)
        now = Math.max(now, next.at)
        next.callback()
      }
      now = until
    },
    configure(faults, more = {}, framing = lastFraming) {
      lastSpec = { ...lastSpec, ...more, faults }
      lastFraming = framing
      flow.configure(lastSpec, framing)
    },
    now: () => now - 1000,
    out,
    text: () =>
      out
        .map(({ text }) => text)
        .filter((text) => !/^\[(?:fin|close|reset|both reset)\]$/.test(text))
        .join(''),
    get bytesOut() {
      return bytesOut
    },
    events,
    effects: () =>
      events
        .filter(({ kind }) => kind === 'fault-applied')
        .map(({ details }) => {
          const { fault: name, chunk, effect } = details as EventDetails['fault-applied']
          return { fault: name, chunk, effect }
        }),
    paused,
    sinkPaused: false,
  }
  return test
}
