// What a host keeps for TLS: identities, and the key log of endpoints that ask for one; both wired to its engine.
// Counterparts: ../workbench.ts and ../cli/tls-options.ts (make it), tls-commands.ts (what pages may ask of it).
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { defaultCaptureFolder } from '../archive/capture-paths.ts'
import type { EngineHost } from '../engine-host.ts'
import { createIdentities, type Identities } from './identities.ts'
import { createKeyLog } from './key-log.ts'

export interface TlsKeeping {
  readonly identities: Identities
  readonly keyLogPath: string
  /** Writes what waits, and removes what was to be kept in memory only. Call it when the engine has stopped. */
  dispose(): Promise<void>
}

export interface TlsKeepingOptions {
  /** Where identities lie; null for a folder that goes with the process: TLS wants certificates that exist. */
  readonly folder: string | null
  /** The file for key logs; in the folder unless given. */
  readonly keyLogPath?: string
}

/** Beside the folder of captures, as the workspace is. */
export const defaultTlsFolder = (): string => join(dirname(defaultCaptureFolder()), 'tls')

export const createTlsKeeping = (engine: EngineHost, options: TlsKeepingOptions): TlsKeeping => {
  const folder = options.folder ?? join(tmpdir(), `wireloop-tls-${randomBytes(12).toString('hex')}`)
  const identities = createIdentities(folder)
  const keyLogPath = options.keyLogPath ?? join(folder, 'keylog.txt')
  const keyLog = createKeyLog(keyLogPath, (error) => {
    process.stderr.write(`wireloop: The key log ${keyLogPath} cannot be written: ${error.message}\n`)
  })
  engine.useIdentities((name) => identities.pair(name))
  engine.onKeyLog((_endpoint, line) => keyLog.write(line))
  return {
    identities,
    keyLogPath,
    async dispose() {
      keyLog.dispose()
      if (options.folder === null) await rm(folder, { recursive: true, force: true })
    },
  }
}
