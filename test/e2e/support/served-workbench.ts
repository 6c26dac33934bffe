// The built app behind `wireloop serve`, with its page in Chromium, for one test; and what a person can see and do there,
// read from the page alone. Counterpart: main-job.ts (the shortest way through it).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Locator, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { launchChromium } from '../../support/chromium.ts'

const cli = join(import.meta.dirname, '../../../out/main/cli.js')

export interface ServedWorkbench {
  readonly page: Page
  readonly url: string
  /** Where this host keeps its captures. */
  readonly captures: string
  /** What the page's console and its policy have complained about. */
  readonly complaints: readonly string[]
  /** Ends the host before the test does; the page stays. */
  stop(): Promise<void>
}

/** A folder of this test, gone after it. */
export const testFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'wireloop-e2e-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the host and opens its page, `height` pixels high; both end with the test. `open`: a capture file to look at. */
export const openServedWorkbench = async (height = 900, open: string | null = null): Promise<ServedWorkbench> => {
  const captures = await testFolder()
  const what = open === null ? ['serve'] : ['open', open]
  const host = spawn(process.execPath, [cli, ...what, '--no-open', '--captures', captures], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = async () => {
    if (host.exitCode !== null) return
    host.kill('SIGTERM')
    await once(host, 'exit')
  }
  onTestFinished(stop)
  const [url] = (await once(createInterface({ input: host.stdout }), 'line')) as [string]
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1440, height } })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(url)
  return { page, url, captures, complaints, stop }
}

/** One row of the event table, as it reads. */
export interface TableRow {
  readonly seq: number
  /** Number of the connection, null for an event that is none's. */
  readonly connection: number | null
  readonly endpoint: string
  readonly kind: string
  readonly size: string
  /** Payload, or the words of an event that has none. */
  readonly payload: string
}

export const eventGrid = (page: Page): Locator => page.getByRole('grid', { name: 'Events' })

/** The rows of the event table that are on the screen, in order. */
export const tableRows = async (page: Page): Promise<TableRow[]> => {
  const rows = await eventGrid(page)
    .getByRole('rowgroup')
    .getByRole('row')
    .evaluateAll((all) =>
      all.map((row) =>
        Array.from(row.querySelectorAll('[role=gridcell]'), (cell) => (cell as HTMLElement).innerText.trim()),
      ),
    )
  return rows
    .filter((cells) => cells.length > 6)
    .map((cells) => {
      const [seq = '', , , connection = '', kind = '', size = '', payload = ''] = cells
      const [, number, endpoint] = /^(?:(\d+)\s)?\s*(.*)$/.exec(connection) ?? []
      return {
        seq: Number(seq),
        connection: number === undefined ? null : Number(number),
        endpoint: endpoint ?? '',
        kind,
        size,
        payload,
      }
    })
}

/** Waits until the rows fit, and answers them all; a failure shows the rows there were. */
export const rowsWith = async (page: Page, fits: (rows: TableRow[]) => boolean): Promise<TableRow[]> => {
  let rows: TableRow[] = []
  await expect
    .poll(
      async () => {
        rows = await tableRows(page)
        return fits(rows)
          ? 'as expected'
          : rows.map(({ connection, kind, payload }) => `${connection} ${kind} ${payload}`)
      },
      { timeout: 20_000 },
    )
    .toBe('as expected')
  return rows
}

/** What happened on each connection, in order: kinds with payloads or causes, by the connection's number. */
export const stories = (rows: readonly TableRow[]): Map<number, string[]> => {
  const all = new Map<number, string[]>()
  for (const { connection, kind, payload } of rows) {
    if (connection === null) continue
    const story = all.get(connection) ?? []
    story.push(/^data-|^connection-(lost|failed)$/.test(kind) ? `${kind} ${payload}` : kind)
    all.set(connection, story)
  }
  return all
}

/** A number as the page writes it, with spaces between the thousands. */
export const numberIn = (text: string | null): number => Number((text ?? '').replace(/[^\d]/g, ''))

/** How many events the title bar says are kept. */
export const eventsKept = async (page: Page): Promise<number> => {
  const said = await page
    .getByRole('status')
    .filter({ hasText: /events? kept/ })
    .textContent()
  return numberIn(said?.split('event')[0] ?? '')
}

/** The facts in the inspector, by their labels. */
export const inspectorFacts = async (page: Page): Promise<Record<string, string>> => {
  const inspector = page.getByRole('complementary', { name: 'Inspector' })
  const facts = await inspector
    .locator('dt')
    .evaluateAll((labels) =>
      labels.map((label) => [
        label.textContent ?? '',
        (label.nextElementSibling as HTMLElement | null)?.innerText ?? '',
      ]),
    )
  return Object.fromEntries(facts) as Record<string, string>
}

/** Waits for the endpoint of this name in the side bar to be bound, and answers its port. */
export const boundPort = async (page: Page, name: string): Promise<number> => {
  const row = page.getByRole('treegrid').getByRole('row').filter({ hasText: name }).first()
  const address = row.getByText(/^127\.0\.0\.1:[1-9]\d*/).first()
  await address.waitFor()
  return Number(/:(\d+)/.exec((await address.textContent()) ?? '')?.[1])
}

/** Waits until the composer can write to a connection. */
export const composerReady = (page: Page): Promise<void> =>
  expect.poll(() => page.getByRole('textbox', { name: 'Message' }).isEnabled(), { timeout: 20_000 }).toBe(true)
