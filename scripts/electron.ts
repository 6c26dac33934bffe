// Electron as a guest that may not be there: what stands in its way, how its binary is fetched, and how it is run so that
// a failed start can be told from a window that was closed. Counterpart: scripts/start.ts.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, ok, type Result } from '../preload/contract/failure.ts'
import { root } from './build-if-stale.ts'

const packageFolder = join(root, 'node_modules/electron')

/** One sentence that says why no window can be opened here, or null. */
export const desktopObstacle = (
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  userId: number | undefined,
): string | null => {
  if (platform !== 'linux') return null
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY'])
    return 'There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set).'
  if (userId === 0) return 'Electron does not run as root: its sandbox refuses.'
  return null
}

/** The path of the binary, or null while it has not been fetched. */
const installedBinary = (): string | null => {
  const pathFile = join(packageFolder, 'path.txt')
  if (!existsSync(pathFile)) return null
  const binary = join(
    process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(packageFolder, 'dist'),
    readFileSync(pathFile, 'utf8'),
  )
  return existsSync(binary) ? binary : null
}

const bytesIn = (folder: string): number => {
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    try {
      bytes += statSync(join(entry.parentPath, entry.name)).size
    } catch {
      // moved to the cache between the two looks
    }
  }
  return bytes
}

/** A download that brings nothing for so long is given up; one that is only slow is not. */
const stalledMs = 20_000
const lookEveryMs = 1_000

/** Fetches the binary (`install-electron`) into node_modules. Its own output is kept and only its last line shown. */
const fetchBinary = (): Promise<Result<null>> =>
  new Promise((resolve) => {
    // The download grows in a folder that is ours alone, so that its progress can be seen.
    const folder = mkdtempSync(join(tmpdir(), 'wireloop-electron-'))
    const child = spawn(process.execPath, [join(packageFolder, 'install.js')], {
      env: { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4096)
    })
    let seenBytes = -1
    let movedAt = performance.now()
    let stalled = false
    const watch = setInterval(() => {
      const bytes =
        bytesIn(folder) + (existsSync(join(packageFolder, 'dist')) ? bytesIn(join(packageFolder, 'dist')) : 0)
      if (bytes !== seenBytes) {
        seenBytes = bytes
        movedAt = performance.now()
      } else if (performance.now() - movedAt > stalledMs) {
        stalled = true
        child.kill('SIGKILL')
      }
    }, lookEveryMs)
    child.on('close', (code) => {
      clearInterval(watch)
      rmSync(folder, { recursive: true, force: true })
      const reason = stalled
        ? `nothing came for ${stalledMs / 1000} s`
        : (said.match(/^\w*Error: (.*)$/m)?.[1] ?? `code ${code}`)
      resolve(code === 0 ? ok(null) : fail('download-failed', `Electron’s binary could not be downloaded (${reason}).`))
    })
  })

/** The path of Electron's binary, fetched first where it is not there yet. */
export const findElectron = async (say: (sentence: string) => void): Promise<Result<string>> => {
  const installed = installedBinary()
  if (installed !== null) return ok(installed)
  say('Downloading Electron’s binary, once …')
  const fetched = await fetchBinary()
  if (!fetched.ok) return fetched
  const binary = installedBinary()
  return binary === null ? fail('not-found', 'Electron’s binary was downloaded but is not to be found.') : ok(binary)
}

export interface ElectronEnd {
  readonly code: number
  /** One sentence where it died before it can have shown a window. */
  readonly failedToStart: string | null
}

/** An Electron that fails with its sandbox or its libraries does so at once. */
const startMs = 5_000

const startFailure = (said: string, how: string): string => {
  const library = /error while loading shared libraries: (\S+?):/.exec(said)?.[1]
  if (library !== undefined) return `Electron cannot start here: the library ${library} is missing.`
  if (/sandbox/i.test(said)) return 'Electron cannot start here: the system does not allow its sandbox.'
  if (/\$DISPLAY|Missing X server|cannot open display/i.test(said))
    return 'Electron cannot start here: the display does not answer.'
  return `Electron ended as soon as it was started (${how}).`
}

/** Runs the desktop app until it ends, with our signals passed on to it. */
export const runElectron = (binary: string): Promise<ElectronEnd> =>
  new Promise((resolve) => {
    // As `npm start` under an Electron-based editor's terminal inherits it, and Electron would then be a plain Node.
    const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
    const child = spawn(binary, [root], { env, stdio: ['inherit', 'inherit', 'pipe'] })
    const startedAt = performance.now()
    // What a failing start prints is replaced by one sentence; what a running app prints is passed on.
    let said = ''
    let holding = true
    const release = () => {
      if (holding) process.stderr.write(said)
      holding = false
    }
    const releaseLater = setTimeout(release, startMs)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (holding) said += text
      else process.stderr.write(text)
    })
    let asked = false
    const passOn = (signal: NodeJS.Signals) => {
      asked = true
      child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const signal of signals) process.on(signal, passOn)
    const end = (code: number, how: string) => {
      clearTimeout(releaseLater)
      for (const signal of signals) process.off(signal, passOn)
      const failed = code !== 0 && !asked && performance.now() - startedAt < startMs
      if (!failed) release()
      resolve({ code, failedToStart: failed ? startFailure(said, how) : null })
    }
    child.on('error', (error) => end(1, error.message))
    child.on('close', (code, signal) =>
      end(code ?? 128 + (signal === null ? 0 : constants.signals[signal]), signal ?? `code ${code}`),
    )
  })
