// Who is there: all endpoints and connections, and what changed since the host was last told. The owner of these facts.
// Counterparts: endpoint.ts and connection.ts (the facts themselves), thread.ts (which publishes them).
import type { ProbeLevel } from '../../../preload/contract/loop-columns.ts'
import { keptEndedRuns, type RunId, type RunInfo } from '../../../preload/contract/runs.ts'
import type {
  ConnectionId,
  ConnectionInfo,
  EndpointId,
  EndpointInfo,
  Snapshot,
  StateChange,
} from '../../../preload/contract/vocabulary.ts'
import type { Recorder } from '../record/recorder.ts'

/** What the directory needs to know of an endpoint or connection. */
interface Described<Id, Info> {
  readonly id: Id
  /** Changed since the host was last told; kept by the directory, so that a busy connection costs one look. */
  hasNews: boolean
  info(): Info
}

/** How many ended connections keep their facts; their events stay in the capture. */
export const keptEndedConnections = 1000

export class Directory<
  E extends Described<EndpointId, EndpointInfo>,
  C extends Described<ConnectionId, ConnectionInfo>,
> {
  readonly endpoints = new Map<EndpointId, E>()
  readonly connections = new Map<ConnectionId, C>()
  /** Those under way, and the most recent ended ones. */
  readonly runs = new Map<RunId, Described<RunId, RunInfo>>()
  readonly #recorder: Recorder
  readonly #onChange: () => void
  readonly #ended: ConnectionId[] = []
  readonly #changedEndpoints = new Set<E>()
  readonly #changedConnections = new Set<C>()
  readonly #changedRuns = new Set<Described<RunId, RunInfo>>()
  readonly #endedRuns: RunId[] = []
  readonly #removedRuns: RunId[] = []
  /** Endpoints that are gone while their last connections end: what they still do changes nothing here. */
  readonly #gone = new WeakSet<E>()
  readonly #removedEndpoints: EndpointId[] = []
  readonly #removedConnections: ConnectionId[] = []
  #probeChanges = 0
  #lastEndpoint: number
  #lastConnection: number

  /** `onChange` is called when there is something new to take. Ids go on behind `last`. */
  constructor(recorder: Recorder, onChange: () => void, last = { endpoint: 0, connection: 0 }) {
    this.#recorder = recorder
    this.#onChange = onChange
    this.#lastEndpoint = last.endpoint
    this.#lastConnection = last.connection
  }

  /** How many endpoints and connections have changed since `takeChange`, and how often the probe's level has. */
  get changes(): number {
    return (
      this.#probeChanges +
      this.#changedEndpoints.size +
      this.#changedConnections.size +
      this.#changedRuns.size +
      this.#removedRuns.length +
      this.#removedEndpoints.length +
      this.#removedConnections.length
    )
  }

  nextEndpointId(): EndpointId {
    return ++this.#lastEndpoint as EndpointId
  }

  nextConnectionId(): ConnectionId {
    return ++this.#lastConnection as ConnectionId
  }

  /** The probe's level is another one, which whoever takes the change has to name. */
  probeChanged(): void {
    this.#probeChanges++
    this.#onChange()
  }

  endpointChanged(endpoint: E): void {
    if (endpoint.hasNews || this.#gone.has(endpoint)) return
    endpoint.hasNews = true
    this.endpoints.set(endpoint.id, endpoint)
    this.#changedEndpoints.add(endpoint)
    this.#onChange()
  }

  connectionChanged(connection: C): void {
    if (connection.hasNews) return
    connection.hasNews = true
    this.connections.set(connection.id, connection)
    this.#changedConnections.add(connection)
    this.#onChange()
  }

  /** The connection is over; the oldest ended ones are forgotten. */
  connectionEnded(connection: C): void {
    this.connectionChanged(connection)
    this.#ended.push(connection.id)
    if (this.#ended.length > keptEndedConnections) this.#forgetConnection(this.#ended.shift()!)
  }

  removeEndpoint(endpoint: E): void {
    this.#gone.add(endpoint)
    this.endpoints.delete(endpoint.id)
    this.#changedEndpoints.delete(endpoint)
    this.#removedEndpoints.push(endpoint.id)
    this.#onChange()
  }

  runChanged(run: Described<RunId, RunInfo>): void {
    if (run.hasNews) return
    run.hasNews = true
    this.runs.set(run.id, run)
    this.#changedRuns.add(run)
    this.#onChange()
  }

  /** The run is over; the oldest ended ones are forgotten. */
  runEnded(run: Described<RunId, RunInfo>): void {
    this.runChanged(run)
    this.#endedRuns.push(run.id)
    if (this.#endedRuns.length <= keptEndedRuns) return
    const oldest = this.#endedRuns.shift()!
    const forgotten = this.runs.get(oldest)
    if (forgotten !== undefined) this.#changedRuns.delete(forgotten)
    this.runs.delete(oldest)
    this.#removedRuns.push(oldest)
  }

  snapshot(startedAtEpochMs: number, probe: ProbeLevel, iteration: number): Snapshot {
    return {
      seq: this.#recorder.nextSeq,
      startedAtEpochMs,
      probe,
      iteration,
      endpoints: [...this.endpoints.values()].map((endpoint) => endpoint.info()),
      connections: [...this.connections.values()].map((connection) => connection.info()),
      ...(this.runs.size === 0 ? {} : { runs: [...this.runs.values()].map((run) => run.info()) }),
    }
  }

  /** What changed since the last call; `probe` is the level that is in force. */
  takeChange(probe: ProbeLevel): StateChange {
    const change = {
      seq: this.#recorder.nextSeq,
      probe,
      endpoints: [...this.#changedEndpoints].map((endpoint) => endpoint.info()),
      connections: [...this.#changedConnections].map((connection) => connection.info()),
      removedEndpoints: this.#removedEndpoints.splice(0),
      removedConnections: this.#removedConnections.splice(0),
      ...(this.#changedRuns.size === 0 ? {} : { runs: [...this.#changedRuns].map((run) => run.info()) }),
      ...(this.#removedRuns.length === 0 ? {} : { removedRuns: this.#removedRuns.splice(0) }),
    }
    for (const endpoint of this.#changedEndpoints) endpoint.hasNews = false
    for (const connection of this.#changedConnections) connection.hasNews = false
    for (const run of this.#changedRuns) run.hasNews = false
    this.#changedEndpoints.clear()
    this.#changedConnections.clear()
    this.#changedRuns.clear()
    this.#probeChanges = 0
    return change
  }

  #forgetConnection(id: ConnectionId): void {
    const connection = this.connections.get(id)
    if (connection !== undefined) this.#changedConnections.delete(connection)
    this.connections.delete(id)
    this.#removedConnections.push(id)
  }
}
