// `wireloop serve` and `wireloop open FILE`: the workbench in a browser. Counterpart: main/serve, which does it; this opens, prints and closes.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import open from 'open'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import { whyNoCaptures } from '../archive/archive-host.ts'
import { defaultCaptureFolder } from '../archive/capture-paths.ts'
import { isLoopback } from '../serve/admission.ts'
import { createServeHost } from '../serve/serve-host.ts'
import { createToxiproxyApi, toxiproxyPort } from '../toxiproxy/api-server.ts'
import { createWorkbench, type Workbench } from '../workbench.ts'
import { defaultWorkspacePath, workspaceFileName } from '../workspace/workspace-path.ts'
import { formatFailure, printable } from './human-line.ts'
import { createInterruptions } from './interruption.ts'
import { createLineQueue } from './line-queue.ts'
import { type CommonOptions, listenHost, listenPort, withCommonOptions } from './options.ts'
import { done, failed, type Outcome, type Run } from './outcome.ts'
import { graceMs } from './session.ts'

interface ServeOptions extends CommonOptions {
  readonly port: number
  readonly host: string
  readonly open: boolean
  /** Where captures are kept. */
  readonly captures?: string
  /** Where the workspace is kept. */
  readonly workspace?: string
  /** False where nothing is to be kept on disk. */
  readonly capture?: boolean
  /** Sockets wait for the file. */
  readonly waitForCapture?: true
  /** Port of toxiproxy's HTTP API; left out, there is none. */
  readonly toxiproxyApi?: number
}

const withServeOptions = (command: Command): Command =>
  command
    .addOption(new Option('--port <N>', 'where to listen; 0 for any free port').argParser(listenPort).default(0))
    .addOption(new Option('--host <H>', 'address to listen at').argParser(listenHost).default('127.0.0.1'))
    .addOption(new Option('--no-open', 'do not open the URL in a browser'))
    .addOption(
      new Option('--captures <DIR>', 'the folder where captures are kept (default: that of this person’s app data)'),
    )
    .addOption(
      new Option(
        '--workspace <FILE>',
        'where saved messages and sequences are kept (default: workspace.json with the captures, or in the app data)',
      ),
    )

export const defineServe = (program: Command, version: string, run: Run): void => {
  withServeOptions(withCommonOptions(program.command('serve'), version))
    .summary('show the workbench in a browser')
    .description('Serves the workbench to a browser and prints the one URL to open; the URL holds a secret token.')
    .addOption(
      new Option('--no-capture', 'keep nothing on disk: record to memory only').conflicts([
        'captures',
        'waitForCapture',
      ]),
    )
    .addOption(
      new Option(
        '--wait-for-capture',
        'read no faster from sockets than is written to disk, so that nothing is left out',
      ),
    )
    .addOption(
      new Option(
        '--toxiproxy-api [PORT]',
        `take requests of toxiproxy’s HTTP API at 127.0.0.1, port ${toxiproxyPort} unless given; there is no token for it`,
      )
        .argParser(listenPort)
        .preset(String(toxiproxyPort)),
    )
    .action((options: ServeOptions) => run(() => serve(options, null)))
}

export const defineOpen = (program: Command, version: string, run: Run): void => {
  withServeOptions(withCommonOptions(program.command('open'), version))
    .summary('show a capture file in a browser')
    .description('Serves the workbench, as serve does, with a capture file opened in it. The file is not changed.')
    .argument('<FILE>', 'a capture')
    .action((file: string, options: ServeOptions) => run(() => serve(options, file)))
}

/** out/renderer, from where this code runs: out/main or a chunk in it once built, main/cli from the sources. */
const rendererDirectory = (): string => {
  const toOut = import.meta.url.endsWith('.ts') ? '../../out' : import.meta.url.includes('/chunks/') ? '../..' : '..'
  return join(import.meta.dirname, toOut, 'renderer')
}

/** False on a Linux or BSD without a screen, where a browser could only be a text one in the terminal that we print to. */
const hasDesktop = (): boolean =>
  process.platform === 'darwin' ||
  process.platform === 'win32' ||
  Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])

/** Where this run keeps its captures; none where that is not wanted, or not to be had and not asked for. */
const captureFolder = ({ captures, capture }: ServeOptions): Result<string | null> => {
  if (capture === false) return ok(null)
  const unavailable = whyNoCaptures()
  if (unavailable !== null && captures !== undefined) return fail('unsupported', unavailable)
  return ok(captures === undefined ? defaultCaptureFolder() : resolve(captures))
}

/** Where this run keeps its workspace: where it was told to, else with the captures that were given a place. */
const workspacePath = ({ workspace, captures, capture }: ServeOptions): string | null => {
  if (workspace !== undefined) return resolve(workspace)
  if (capture === false) return null
  return captures === undefined ? defaultWorkspacePath() : join(resolve(captures), workspaceFileName)
}

/** A workbench, with a capture opened in it where one is named. Failures: there is no such capture. */
const makeWorkbench = async (options: ServeOptions, open: string | null): Promise<Result<Workbench>> => {
  const unavailable = open === null ? null : whyNoCaptures()
  if (unavailable !== null) return fail('unsupported', unavailable)
  if (open !== null && !existsSync(open)) return fail('ENOENT', `There is no file ${open}`)
  const folder = captureFolder(options)
  if (!folder.ok) return folder
  const workspace = workspacePath(options)
  // Whoever has the page's address may run lessons; code of their own only where that is somebody at this machine.
  const runsEditedLessons = options.host === 'localhost' || isLoopback(options.host)
  return createWorkbench({
    runsEditedLessons,
    ...(folder.value === null ? {} : { captures: { folder: folder.value } }),
    ...(workspace === null ? {} : { workspace, tls: join(dirname(workspace), 'tls') }),
    takesKeys: runsEditedLessons,
    waitsForFile: options.waitForCapture === true,
    ...(open === null ? {} : { open: resolve(open) }),
  }).then(ok, (error: Error) => fail('not-opened', error.message))
}

const serve = async (options: ServeOptions, file: string | null): Promise<Outcome> => {
  const interruptions = createInterruptions(options.maxTime, () => process.exit(1))
  const made = await makeWorkbench(options, file)
  if (!made.ok) {
    interruptions.dispose()
    return failed(printable(made.failure.message))
  }
  const workbench = made.value
  const host = await createServeHost({
    workbench,
    host: options.host,
    port: options.port,
    rendererDirectory: rendererDirectory(),
    ...(options.open && hasDesktop() ? { openBrowser: (url: string) => open(url) } : {}),
  })
  const api =
    options.toxiproxyApi === undefined ? null : await createToxiproxyApi(workbench.engine, options.toxiproxyApi)
  // No events are printed here, so none can be dropped.
  const queue = createLineQueue(process.stdout, String)
  const wrong = [host, api].find((each) => each?.ok === false)
  if (host.ok && wrong === undefined) {
    const { url } = host.value
    queue.push((parts) => parts.text(options.json ? JSON.stringify({ kind: 'serve-started', url }) : url))
    if (api?.ok === true) {
      const { url: at } = api.value
      const line = options.json ? JSON.stringify({ kind: 'toxiproxy-api-started', url: at }) : `toxiproxy API: ${at}`
      queue.push((parts) => parts.text(line))
    }
    await interruptions.first
  }
  for (const each of [api, host]) if (each?.ok === true) await each.value.dispose()
  await workbench.stop(graceMs)
  if (wrong === undefined && options.json && !options.quiet)
    queue.push((parts) => parts.text(JSON.stringify({ kind: 'serve-stopped' })))
  await queue.end()
  interruptions.dispose()
  return wrong?.ok === false ? failed(formatFailure(wrong.failure)) : done
}
