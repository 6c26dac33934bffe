// How the page keeps up: frame times and input latency under traffic that is recorded, with one count in page, engine,
// capture file and outside; then a capture of ten million events opened, scrolled and zoomed. In Chromium, through the built
// serve host. Usage: npm run bench page; by itself: node test/bench/page.bench.ts [--smoke] [--only live|file].
// Counterparts: support/paced-load.ts (the traffic), support/make-capture.ts (the file), docs/benchmarks.md.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Page } from 'playwright-core'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import { chromiumMissing, chromiumPath, launchChromium } from '../support/chromium.ts'
import { makeCapture } from './support/make-capture.ts'

const smoke = process.argv.includes('--smoke')
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : null
const cli = join(import.meta.dirname, '../../out/main/cli.js')

/** Events a second, for how long, over how many connections. */
const loads = smoke
  ? ([[1000, 2, 10]] as const)
  : ([
      [10_000, 60, 100],
      [100_000, 20, 100],
    ] as const)
const fileEvents = smoke ? 50_000 : 10_000_000

const folder = mkdtempSync(join(tmpdir(), 'wireloop-page-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const share = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN

const inMs = (values: readonly number[]): string => {
  const sorted = [...values].sort((a, b) => a - b)
  const [p50, p95, p99, most] = [0.5, 0.95, 0.99, 1].map((part) => share(sorted, part).toFixed(1))
  return `p50 ${p50}  p95 ${p95}  p99 ${p99}  max ${most} ms of ${sorted.length}`
}

/** Frames as the page gets them, and how long each key took from press to paint. */
const watch = (page: Page) =>
  page.evaluate(() => {
    const seen: { frames: number[]; keys: number[]; last: number } = { frames: [], keys: [], last: performance.now() }
    Object.assign(globalThis, { seen })
    const frame = () => {
      const now = performance.now()
      seen.frames.push(now - seen.last)
      seen.last = now
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.name === 'keydown') seen.keys.push(entry.duration)
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
  })

/** What was seen since the last time. Keys faster than the 16 ms that browsers tell of count as 16. */
const taken = async (page: Page, keysPressed: number) => {
  const { frames, keys } = await page.evaluate(() => {
    const { seen } = globalThis as unknown as { seen: { frames: number[]; keys: number[] } }
    return { frames: seen.frames.splice(0), keys: seen.keys.splice(0) }
  })
  const quick = new Array<number>(Math.max(0, keysPressed - keys.length)).fill(16)
  return { frames, keys: [...keys, ...quick] }
}

const serving = async (args: readonly string[]) => {
  const host = spawn(process.execPath, [cli, ...args, '--no-open'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface({ input: host.stdout }), 'line')) as [string]
  return {
    url,
    async stop() {
      host.kill('SIGTERM')
      await once(host, 'exit')
    },
  }
}

const grid = (page: Page) => page.getByRole('grid', { name: 'Events' })
const rows = async (page: Page): Promise<number> => Number(await grid(page).getAttribute('aria-rowcount')) - 1
const numberIn = (text: string): number => Number(text.replace(/[^\d]/g, ''))

/** Waits until a number stands still. */
const settled = async (read: () => Promise<number>): Promise<number> => {
  for (let before = -1, same = 0; ; ) {
    const now = await read()
    same = now === before ? same + 1 : 0
    if (same >= 5) return now
    before = now
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Events in a capture file, as `wireloop info` has them. */
const eventsInFile = async (path: string): Promise<number> => {
  const child = spawn(process.execPath, [cli, 'info', path, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk
  })
  await once(child, 'close')
  return Number(/"events":(\d+)/.exec(text)?.[1] ?? Number.NaN)
}

const underLoad = async (page: Page, eventsPerSecond: number, seconds: number, connections: number): Promise<void> => {
  const captures = mkdtempSync(join(folder, 'captures-'))
  const host = await serving(['serve', '--captures', captures])
  await page.goto(host.url)
  await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  const row = page.getByRole('treegrid').getByRole('row').filter({ hasText: 'Echo' }).first()
  const address = row.getByText(/^127\.0\.0\.1:[1-9]\d*/).first()
  await address.waitFor()
  const port = Number(/:(\d+)/.exec((await address.textContent()) ?? '')?.[1])
  await grid(page).waitFor()
  await watch(page)

  const load = spawn(
    process.execPath,
    [join(import.meta.dirname, 'support/paced-load.ts'), ...[port, eventsPerSecond, seconds, connections].map(String)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const counted = once(createInterface({ input: load.stdout }), 'line')
  let over = false
  load.once('exit', () => {
    over = true
  })
  await page.waitForTimeout(500)
  await taken(page, 0)
  let keys = 0
  // What somebody does who watches: zoom, step, follow again.
  const pressed = ['+', '-', 'k', 'k', 'j', 'End'] as const
  while (!over) {
    await page.keyboard.press(pressed[keys++ % pressed.length]!)
    await page.waitForTimeout(100)
  }
  const { frames, keys: latencies } = await taken(page, keys)
  const outside = JSON.parse(((await counted) as [string])[0]) as {
    connections: number
    messages: number
    bytes: number
    eventsPerSecond: number
  }
  await page.keyboard.press('End')
  const inPage = await settled(() => rows(page))
  await row.click()
  const fact = async (label: string): Promise<string> =>
    (await page.locator(`dt:text-is("${label}") + dd`).first().innerText()) ?? ''
  const received = await fact('Received')
  const engineMessages = numberIn(received.split(' in ')[1] ?? '')
  await host.stop()
  const [file = ''] = readdirSync(captures).filter((name) => name.endsWith('.wireloop'))
  const inFile = await eventsInFile(join(captures, file))
  // Listening, and of each connection made, eof-received and lost, beside its messages both ways; stopping adds one more.
  const expected = 1 + 3 * outside.connections + 2 * outside.messages
  console.log(
    `${eventsPerSecond.toLocaleString('en')} events/s for ${seconds} s (${outside.eventsPerSecond.toLocaleString('en')} reached)`,
  )
  console.log(`  frames  ${inMs(frames)}`)
  console.log(`  keys    ${inMs(latencies)}`)
  console.log(
    `  events  outside ${expected}  page ${inPage}  capture ${inFile}; messages  outside ${outside.messages}  engine ${engineMessages}`,
  )
}

const openedFile = async (page: Page): Promise<void> => {
  const path = join(folder, 'big.wireloop')
  makeCapture(path, { events: fileEvents, payloadBytes: 64, connections: 100, needleEvery: 1_000_000 })
  const host = await serving(['open', path, '--captures', folder])
  const startedMs = performance.now()
  await page.goto(host.url)
  await page.locator('.event-row:not(.unread)').nth(5).waitFor()
  console.log(
    `a capture of ${fileEvents.toLocaleString('en')} events: drawn ${(performance.now() - startedMs).toFixed(0)} ms after its address was opened`,
  )
  await watch(page)
  const act = async (name: string, times: number, restMs: number, run: (i: number) => Promise<unknown>) => {
    await page.waitForTimeout(500)
    await taken(page, 0)
    for (let i = 0; i < (smoke ? 3 : times); i++) {
      await run(i)
      await page.waitForTimeout(restMs)
    }
    console.log(`  ${name.padEnd(16)} ${inMs((await taken(page, 0)).frames)}`)
  }
  await grid(page).hover()
  await act('table, wheel', 80, 16, () => page.mouse.wheel(0, -240))
  await act('table, bar', 60, 50, (i) =>
    grid(page).evaluate(
      (area, part) => {
        area.scrollTop = part * (area.scrollHeight - area.clientHeight)
      },
      ((i * 37) % 60) / 60,
    ),
  )
  await grid(page).focus()
  await act('table, Page Up', 40, 30, () => page.keyboard.press('PageUp'))
  await page.keyboard.press('f')
  await page.locator('.lifelines-scroller').hover()
  await act('zoom in', 80, 30, () => page.mouse.wheel(0, -150))
  await act('pan', 60, 16, () => page.mouse.wheel(60, 0))
  await act('zoom out', 80, 30, () => page.mouse.wheel(0, 150))
  await host.stop()
}

if (chromiumPath() === null) {
  console.log(chromiumMissing)
  process.exit(0)
}
buildIfStale(() => console.error('Building Wireloop …'))
const browser = await launchChromium()
try {
  const newPage = async () => (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  if (only !== 'file')
    for (const [eventsPerSecond, seconds, connections] of loads) {
      const page = await newPage()
      await underLoad(page, eventsPerSecond, seconds, connections)
      await page.close()
    }
  if (only !== 'live') await openedFile(await newPage())
} finally {
  await browser.close()
}
