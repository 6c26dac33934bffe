// Starts the built desktop app in the stand-in, and is the person in front of it: sees its page through Playwright, closes, quits,
// and reads what it reports. Counterpart: run.ts.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { shownOrigin } from './addresses.ts'
import type { Order, Report } from './control.ts'

const root = join(import.meta.dirname, '../../..')

export interface Desktop {
  /** The window's page; its real address is `shownOrigin` where main says `app://wireloop`. */
  readonly page: Page
  /** The page the window shows now: another one after a crash, null while there is none. */
  shown(): Page | null
  readonly browser: Browser
  /** The code the app's process ended with; null where a signal ended it. */
  readonly exited: Promise<number | null>
  /** All that the process has printed. */
  output(): string
  order(order: Order): void
  signal(name: NodeJS.Signals): void
  /** Resolves with the first report that fits, past ones included; `skip` passes over as many. */
  reported(fits: (report: Report) => boolean, skip?: number): Promise<Report>
  /** Ends what is left and removes the profile. */
  dispose(): Promise<void>
}

const createReports = (child: ChildProcess, exited: Promise<number | null>, output: () => string) => {
  const all: Report[] = []
  const waiting = new Set<() => void>()
  child.on('message', (message: Report) => {
    all.push(message)
    for (const look of [...waiting]) look()
  })
  return (fits: (report: Report) => boolean, skip = 0): Promise<Report> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = all.filter(fits)[skip]
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      void exited.then((code) => reject(new Error(`The desktop app ended with code ${code}:\n${output()}`)))
    })
}

/** Starts `out` (a build's folder), with `words` behind it on its command line, and resolves when its window shows a loaded page. */
export const startDesktop = async (
  out: string = join(root, 'out'),
  words: readonly string[] = [],
): Promise<Desktop> => {
  const profile = await mkdtemp(join(tmpdir(), 'wireloop-desktop-'))
  const { ELECTRON_RENDERER_URL: _, ...env } = process.env
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'run.ts'), join(out, 'main/index.js'), profile, ...words],
    {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  let printed = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const reported = createReports(child, exited, () => printed)
  const dispose = async () => {
    // By order, so that Chromium is gone too, which would otherwise go on writing into the profile that is removed here.
    if (child.connected) child.send({ order: 'exit' } satisfies Order)
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await exited
    clearTimeout(timer)
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }

  try {
    const started = (await reported(({ report }) => report === 'started')) as Extract<Report, { report: 'started' }>
    await reported(({ report }) => report === 'window-shown')
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${started.debuggingPort}`)
    const shown = () => {
      const pages = browser.contexts().flatMap((context) => context.pages())
      return pages.findLast((each) => each.url().startsWith(shownOrigin)) ?? null
    }
    const page = shown()
    if (page === null) throw new Error(`No window shows ${shownOrigin}:\n${printed}`)
    return {
      page,
      shown,
      browser,
      exited,
      output: () => printed,
      order: (order) => child.send(order),
      signal: (name) => child.kill(name),
      reported,
      dispose: async () => {
        await browser.close()
        await dispose()
      },
    }
  } catch (error) {
    await dispose()
    throw error
  }
}
