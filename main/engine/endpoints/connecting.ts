// An outgoing connection from its start to made or failed. Counterparts: client.ts, relay.ts.
import type { TlsClientSpec } from '../../../preload/contract/tls.ts'
import type { SocketOptions } from '../../../preload/contract/vocabulary.ts'
import { CancelledError, systemError } from '../loop/errors.ts'
import type { ConnectionProtocol } from './accepting.ts'
import type { Connection } from './connection.ts'
import { clientTlsOf } from './tls-material.ts'

export interface Target {
  readonly host: string
  readonly port: number
  readonly connectTimeoutMs: number
  readonly tls?: TlsClientSpec | undefined
  readonly socket?: SocketOptions | undefined
}

/** A connection attempt that can be given up. */
export interface Connecting {
  /** True where the connection was made, and its TLS too; a failure is recorded with the connection. */
  readonly made: Promise<boolean>
  cancel(): void
}

/** Connects `connection`, records how that went, and hands it to `protocol`. */
export const connect = (connection: Connection, target: Target, protocol: ConnectionProtocol): Connecting => {
  const { loop } = connection.endpoint.engine
  const abort = new AbortController()
  connection.endpoint.adopt(connection)
  connection.starting({ host: target.host, port: target.port })
  const attempt = async (): Promise<boolean> => {
    try {
      const tls = target.tls === undefined ? null : clientTlsOf(connection.endpoint, target.tls, target)
      if (tls?.ok === false) throw systemError(tls.failure.code, tls.failure.message)
      await loop.createConnection(() => protocol, {
        host: target.host,
        port: target.port,
        timeoutMs: target.connectTimeoutMs,
        signal: abort.signal,
        onAttemptFailed: (remote, error) => connection.attemptFailed(remote, error),
        observe: () => connection,
        socketOptions: () => target.socket,
        ...(tls === null ? {} : { tls: tls.value }),
      })
      return true
    } catch (error) {
      // Made, and lost before it was secured: that is recorded already.
      if (connection.state === 'connecting') connection.failed(error as Error)
      return false
    }
  }
  return { made: attempt(), cancel: () => abort.abort(new CancelledError('Given up here before it was made')) }
}
