// `wireloop serve`: the workbench in a browser. Counterpart: main/serve, which does it; this opens, prints and closes.
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import open from 'open'
import { isLoopback } from '../serve/admission.ts'
import { createServeHost } from '../serve/serve-host.ts'
import { createWorkbench } from '../workbench.ts'
import { formatFailure } from './human-line.ts'
import { createInterruptions } from './interruption.ts'
import { createLineQueue } from './line-queue.ts'
import { type CommonOptions, listenHost, listenPort, withCommonOptions } from './options.ts'
import { done, failed, type Outcome, type Run } from './outcome.ts'
import { graceMs } from './session.ts'

interface ServeOptions extends CommonOptions {
  readonly port: number
  readonly host: string
  readonly open: boolean
}

export const defineServe = (program: Command, version: string, run: Run): void => {
  withCommonOptions(program.command('serve'), version)
    .summary('show the workbench in a browser')
    .description('Serves the workbench to a browser and prints the one URL to open; the URL holds a secret token.')
    .addOption(new Option('--port <N>', 'where to listen; 0 for any free port').argParser(listenPort).default(0))
    .addOption(new Option('--host <H>', 'address to listen at').argParser(listenHost).default('127.0.0.1'))
    .addOption(new Option('--no-open', 'do not open the URL in a browser'))
    .action((options: ServeOptions) => run(() => serve(options)))
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

const serve = async (options: ServeOptions): Promise<Outcome> => {
  const interruptions = createInterruptions(options.maxTime, () => process.exit(1))
  // Whoever has the page's address may run lessons; code of their own only where that is somebody at this machine.
  const runsEditedLessons = options.host === 'localhost' || isLoopback(options.host)
  const workbench = await createWorkbench({ runsEditedLessons })
  const host = await createServeHost({
    workbench,
    host: options.host,
    port: options.port,
    rendererDirectory: rendererDirectory(),
    ...(options.open && hasDesktop() ? { openBrowser: (url: string) => open(url) } : {}),
  })
  // No events are printed here, so none can be dropped.
  const queue = createLineQueue(process.stdout, String)
  if (host.ok) {
    const { url } = host.value
    queue.push((parts) => parts.text(options.json ? JSON.stringify({ kind: 'serve-started', url }) : url))
    await interruptions.first
    await host.value.dispose()
  }
  await workbench.stop(graceMs)
  if (host.ok && options.json && !options.quiet)
    queue.push((parts) => parts.text(JSON.stringify({ kind: 'serve-stopped' })))
  await queue.end()
  interruptions.dispose()
  return host.ok ? done : failed(formatFailure(host.failure))
}
