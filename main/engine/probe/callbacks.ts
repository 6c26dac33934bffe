// Watches callbacks by async_hooks and writes a row for each. Counterparts: heartbeat.ts (iterations), probe.ts (levels).
//
// Cost decides the shape: no object an event, no Map; what `init` says of a resource goes into a ring indexed by the async
// id, which `before` looks up. An entry that was overwritten since shows as type `other`.
//
// The phase follows from the type and from where the iteration stands (libuv's uv_run: pending, idle, prepare, poll, check,
// closing, timers; `loop_count` goes up just before poll): handles after check are being closed, requests after check are
// the pending phase of the next iteration.
import { type AsyncHook, createHook, executionAsyncResource } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'
import { loopKindCode, phaseCode, type ResourceType, resourceTypeCode } from '../../../preload/contract/loop-columns.ts'
import type { LoopRecorder } from '../record/loop-recorder.ts'
import type { Heartbeat } from './heartbeat.ts'

const { nodeTiming } = performance

/** Resources remembered; a power of two. Ids are handed out in order, so this many newer resources displace one. */
const ringSize = 1 << 17
const mask = ringSize - 1

const type = {
  tcp: resourceTypeCode('TCPWRAP'),
  pipe: resourceTypeCode('PIPEWRAP'),
  server: resourceTypeCode('TCPSERVERWRAP'),
  connect: resourceTypeCode('TCPCONNECTWRAP'),
  write: resourceTypeCode('WRITEWRAP'),
  shutdown: resourceTypeCode('SHUTDOWNWRAP'),
  timeout: resourceTypeCode('Timeout'),
  immediate: resourceTypeCode('Immediate'),
  tick: resourceTypeCode('TickObject'),
  promise: resourceTypeCode('PROMISE'),
  microtask: resourceTypeCode('Microtask'),
}
const kind = {
  callback: loopKindCode('callback'),
  tick: loopKindCode('tick'),
  microtask: loopKindCode('microtask'),
}
const phase = {
  pending: phaseCode('pending'),
  poll: phaseCode('poll'),
  check: phaseCode('check'),
  closing: phaseCode('closing'),
  timers: phaseCode('timers'),
}

/** async_hooks' type names of the classes that Node's resources have. */
const typeOfClass: Readonly<Record<string, ResourceType>> = {
  TCP: 'TCPWRAP',
  TCPConnectWrap: 'TCPCONNECTWRAP',
  Pipe: 'PIPEWRAP',
  WriteWrap: 'WRITEWRAP',
  ShutdownWrap: 'SHUTDOWNWRAP',
  GetAddrInfoReqWrap: 'GETADDRINFOREQWRAP',
  Timeout: 'Timeout',
  Immediate: 'Immediate',
  MessagePort: 'MESSAGEPORT',
  Worker: 'WORKER',
  Promise: 'PROMISE',
}

/** The part of a Timeout that tells when it is due. */
interface Due {
  readonly _idleTimeout?: number
}

/** Stands for a tick or microtask that gets no row of its own. */
const drained = -1

export class CallbackWatch {
  readonly #recorder: LoopRecorder
  readonly #heartbeat: Heartbeat
  readonly #ids = new Float64Array(ringSize)
  readonly #types = new Uint8Array(ringSize)
  readonly #triggers = new Float64Array(ringSize)
  readonly #dues = new Float64Array(ringSize)
  readonly #hook: AsyncHook
  #microtasks = false
  #depth = 0
  /** The async id of the outermost callback that runs, and what was found out when it started. */
  #runningId = 0
  #runningStart = 0
  #runningIteration = 0
  #runningPhase = 0
  #runningType = 0
  #pollIteration = -1
  #pollReturnedAt = Number.NaN

  constructor(recorder: LoopRecorder, heartbeat: Heartbeat) {
    this.#recorder = recorder
    this.#heartbeat = heartbeat
    this.#hook = createHook({
      init: (asyncId, name, triggerId, resource) => this.#init(asyncId, name, triggerId, resource),
      before: (asyncId) => this.#before(asyncId),
      after: (asyncId) => this.#after(asyncId),
    })
  }

  enable(microtasks: boolean): void {
    this.#microtasks = microtasks
    this.#depth = 0
    this.#hook.enable()
  }

  disable(): void {
    this.#hook.disable()
    this.#recorder.leave()
  }

  #init(asyncId: number, name: string, triggerId: number, resource: object): void {
    const at = asyncId & mask
    this.#ids[at] = asyncId
    this.#types[at] = resourceTypeCode(name)
    this.#triggers[at] = triggerId
    if (name !== 'Timeout') return
    this.#dues[at] = this.#recorder.now() + ((resource as Due)._idleTimeout ?? Number.NaN)
  }

  /** A resource that was made before the hook was enabled, or long ago: its type is read off itself, once. */
  #recognize(asyncId: number): number {
    const resource: object = executionAsyncResource()
    this.#init(asyncId, typeOfClass[resource.constructor?.name ?? ''] ?? 'other', 0, resource)
    return this.#types[asyncId & mask]!
  }

  #before(asyncId: number): void {
    if (this.#depth++ > 0) return
    const at = asyncId & mask
    const resourceType = this.#ids[at] === asyncId ? this.#types[at]! : this.#recognize(asyncId)
    if (!this.#microtasks && isMicro(resourceType)) {
      this.#runningId = drained
      return
    }
    const now = this.#recorder.now()
    const iteration = nodeTiming.uvMetricsInfo.loopCount
    this.#runningId = asyncId
    this.#runningType = resourceType
    this.#runningStart = now
    this.#place(resourceType, iteration)
    if (this.#runningPhase === phase.poll && this.#pollIteration !== iteration && !isMicro(resourceType)) {
      this.#pollIteration = iteration
      this.#pollReturnedAt = now
      this.#heartbeat.pollReturned(now)
    }
    this.#recorder.enter(iteration)
  }

  #after(asyncId: number): void {
    if (this.#depth === 0 || --this.#depth > 0) return
    if (this.#runningId === drained) this.#recorder.drained()
    if (this.#runningId !== asyncId) return
    const at = asyncId & mask
    const known = this.#ids[at] === asyncId
    const resourceType = this.#runningType
    const isTimer = resourceType === type.timeout
    const readyAt =
      isTimer && known ? this.#dues[at]! : this.#runningPhase === phase.poll ? this.#pollReturnedAt : Number.NaN
    this.#recorder.exit(
      resourceType === type.tick ? kind.tick : isMicro(resourceType) ? kind.microtask : kind.callback,
      this.#runningPhase,
      resourceType,
      this.#runningIteration,
      this.#runningStart,
      isMicro(resourceType) ? Number.NaN : readyAt,
      asyncId,
      known ? this.#triggers[at]! : 0,
    )
    this.#runningId = 0
  }

  /** Finds phase and iteration of what runs now. Ticks and microtasks run within the phase of the callback before them. */
  #place(resourceType: number, loopCount: number): void {
    this.#runningIteration = loopCount
    if (isMicro(resourceType)) return
    if (resourceType === type.immediate) this.#runningPhase = phase.check
    else if (resourceType === type.timeout) this.#runningPhase = phase.timers
    else if (this.#heartbeat.checked !== loopCount) this.#runningPhase = phase.poll
    else if (isRequest(resourceType)) {
      this.#runningPhase = phase.pending
      this.#runningIteration = loopCount + 1
    } else this.#runningPhase = phase.closing
  }
}

const isMicro = (resourceType: number): boolean =>
  resourceType === type.tick || resourceType === type.promise || resourceType === type.microtask

const isRequest = (resourceType: number): boolean =>
  resourceType === type.connect || resourceType === type.write || resourceType === type.shutdown
