// A thread that records as fast as its host takes it in, without sockets: by the engine's own recorder, or in the two ways that it
// was measured against. Counterpart: ipc-host.ts.

import { parentPort, workerData } from 'node:worker_threads'
import { defaultLimits, Recorder } from '../../../main/engine/record/recorder.ts'
import type { BatchBuffer } from '../../../preload/contract/event-columns.ts'

export type IpcWay = 'wireloop' | 'objects' | 'messages'

export interface IpcData {
  readonly way: IpcWay
  readonly payloadBytes: number
}

/** What the other two ways send, one by one or as an array. */
export interface IpcEvent {
  readonly seq: number
  readonly at: number
  readonly kind: string
  readonly endpoint: number
  readonly connection: number
  readonly data: Uint8Array
}

/** A batch of the recorder's, as in main/engine/messages.ts. */
export interface IpcBatch {
  readonly buffer: BatchBuffer
  readonly loan: number | null
}

/** So many bytes were taken in, or the memory of a loan may be written to again. */
export type IpcAnswer = { readonly bytes: number } | { readonly loan: number }

const { way, payloadBytes } = workerData as IpcData
const port = parentPort!
const connections = 100
/** Recorded between two looks at what the host has answered. */
const eventsATurn = 500
/** Posted and not answered at most: three quarters of what makes the recorder leave payloads out. */
const windowBytes = defaultLimits.highBytes * 0.75

let underWay = 0
let seq = 0
const payloads = Array.from({ length: 64 }, (_, i) => new Uint8Array(payloadBytes).fill(i))
const nextPayload = () => payloads[seq % payloads.length]!

const recorder = new Recorder(
  (buffer, loan) => {
    underWay += buffer.byteLength
    port.postMessage({ buffer, loan }, buffer instanceof ArrayBuffer ? [buffer] : [])
  },
  () => {},
)

const event = (): IpcEvent => {
  seq++
  return {
    seq,
    at: performance.now(),
    kind: 'data-received',
    endpoint: 1,
    connection: 1 + (seq % connections),
    data: nextPayload().slice(),
  }
}
const sizeOf = (events: number) => events * (payloadBytes + 64)

const ways: Readonly<Record<IpcWay, () => void>> = {
  wireloop: () => {
    for (let i = 0; i < eventsATurn; i++) recorder.data('received', 1, 1 + (++seq % connections), nextPayload())
  },
  objects: () => {
    underWay += sizeOf(eventsATurn)
    port.postMessage(Array.from({ length: eventsATurn }, event))
  },
  messages: () => {
    underWay += sizeOf(eventsATurn)
    for (let i = 0; i < eventsATurn; i++) port.postMessage([event()])
  },
}

port.on('message', (answer: IpcAnswer) => {
  if ('loan' in answer) {
    recorder.reuse(answer.loan)
    return
  }
  underWay -= answer.bytes
  if (way === 'wireloop') recorder.acknowledge(answer.bytes)
})

const turn = () => {
  if (underWay < windowBytes) ways[way]()
  setImmediate(turn)
}
turn()
