// Makes the README's pictures, docs/{wireloop,loop,lesson}.png and their light twins: one real session on loopback in the built
// app, played by hand as a person would, in Chromium. node scripts/screenshot.ts; needs Chromium and redis-server.
// Counterpart: screenshot-peers.ts, everything at the other ends of the wires.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { launchChromium } from '../test/support/chromium.ts'
import { buildIfStale, root } from './build-if-stale.ts'
import {
  askForOrders,
  askOften,
  endPeers,
  freePort,
  startDeaf,
  startOrders,
  startRedis,
  startSlowReader,
  talkAndHalfClose,
  talkAndReset,
} from './screenshot-peers.ts'

type Fields = Readonly<Record<string, string | number>>

/** Fills in a sheet and starts what it describes. What fails keeps its sheet open: Escape closes it. */
const start = async (page: Page, button: string, fields: Fields, reply?: RegExp): Promise<void> => {
  await page.getByRole('button', { name: button }).first().click()
  const sheet = page.getByRole('dialog')
  for (const [label, text] of Object.entries(fields)) await sheet.getByLabel(label, { exact: true }).fill(`${text}`)
  if (reply !== undefined) {
    await sheet.getByRole('combobox', { name: 'Reply' }).click()
    await page.getByRole('option', { name: reply }).click()
  }
  await sheet.getByRole('button', { name: button === 'New client' ? 'Connect' : 'Start', exact: true }).click()
}

const started = (page: Page) => page.getByRole('dialog').waitFor({ state: 'hidden' })

const leaveSheet = async (page: Page): Promise<void> => {
  await page.keyboard.press('Escape')
  await started(page)
}

const message = (page: Page) => page.getByRole('textbox', { name: 'Message' })

/** Chooses whom to write to. */
const writeTo = async (page: Page, name: RegExp): Promise<void> => {
  await page.getByRole('combobox', { name: 'Send to' }).click()
  await page.getByRole('option', { name }).click()
}

const send = async (page: Page, text: string): Promise<void> => {
  await message(page).fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

/** What is there before the wires are: three listeners and a relay. Resolves with the ports. */
const setUp = async (page: Page) => {
  const orders = await startOrders(3000)
  const ports = { echo: await freePort(8808), admin: await freePort(2525), api: await freePort(8080) }
  await start(page, 'New listener', { Name: 'Echo', Port: ports.echo })
  await started(page)
  await start(page, 'New listener', { Name: 'Admin', Port: ports.admin }, /None/)
  await started(page)
  await start(page, 'New listener', { Name: 'Discard', Port: await freePort(9001) }, /Discard/)
  await started(page)
  await start(page, 'New relay', {
    Name: 'api',
    Port: ports.api,
    'Upstream host': '127.0.0.1',
    'Upstream port': orders,
  })
  await started(page)
  return ports
}

/** The session. At its end redis has the composer. `emptyPart`: how much of it, from 0 to 1, was over before the first connection. */
const play = async (page: Page): Promise<{ readonly emptyPart: number; readonly apiPort: number }> => {
  const [redis, ingest, ledger, legacy] = [
    await startRedis(6380),
    await startSlowReader(9009),
    await startDeaf(5432),
    await freePort(7000),
  ]
  const startedAt = performance.now()
  const ports = await setUp(page)
  const firstAt = performance.now()
  await start(page, 'New client', { Name: 'hello', Host: '127.0.0.1', Port: ports.echo })
  await started(page)
  await send(page, 'Hello World!')
  await start(page, 'New client', { Name: 'ledger', Host: '127.0.0.1', Port: ledger, 'Connect timeout, ms': 3000 })
  await leaveSheet(page)
  // Still asking when the picture is taken.
  void askForOrders(ports.api, 45)
  await page.getByRole('treegrid').getByRole('row').filter({ hasText: 'hello' }).click()
  await page.getByRole('button', { name: 'Disconnect' }).click()
  await start(page, 'New client', { Name: 'ingest', Host: '127.0.0.1', Port: ingest.port })
  await started(page)
  await message(page).focus()
  await page.keyboard.insertText('{"ts":1732285925,"k":"temperature","v":21.5}\n'.repeat(320_000))
  await page.getByRole('button', { name: 'Send' }).click()
  setTimeout(ingest.read, 4000)
  await start(page, 'New client', { Name: 'redis', Host: '127.0.0.1', Port: redis })
  await started(page)
  await writeTo(page, /redis/)
  await page.getByRole('combobox', { name: 'Line ending' }).click()
  await page.getByRole('option', { name: 'CR LF' }).click()
  const leaving = [talkAndReset(ports.echo)]
  await send(page, 'PING\\r\\nINFO clients')
  await start(page, 'New client', { Name: 'legacy', Host: '127.0.0.1', Port: legacy })
  await page.getByRole('alert').waitFor()
  await leaveSheet(page)
  leaving.push(talkAndHalfClose(ports.admin))
  await writeTo(page, /redis/)
  for (let i = 0; i < 6; i++) {
    await message(page).press('Control+Enter')
    await delay(600)
  }
  await Promise.all(leaving)
  return { emptyPart: (firstAt - startedAt) / (performance.now() - startedAt), apiPort: ports.api }
}

/** Shows the time from the first connection on, with room for every row, as a person would by dragging. */
const frame = async (page: Page, emptyPart: number): Promise<void> => {
  const drag = async (x: number, y: number, byX: number, byY: number) => {
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + byX, y + byY, { steps: 4 })
    await page.mouse.up()
  }
  const split = (await page.getByRole('separator', { name: 'Height of the lifelines' }).boundingBox())!
  await drag(split.x + split.width / 2, split.y + split.height / 2, 0, 32)
  await page.getByRole('button', { name: 'Fit' }).click()
  const map = (await page.locator('.lifelines-minimap').boundingBox())!
  const gutterWidth = 148
  await drag(map.x + gutterWidth + 1, map.y + map.height / 2, emptyPart * 0.85 * (map.width - gutterWidth), 0)
}

/** Selects an answer of redis with something before and after it, and takes the pointer off everything. */
const select = async (page: Page): Promise<void> => {
  const grid = page.getByRole('grid', { name: 'Events' })
  const answers = grid.getByRole('row').filter({ hasText: 'redis' }).filter({ hasText: 'data-received' })
  await grid.hover()
  for (let i = 0; i < 40 && (await answers.count()) === 0; i++) {
    await page.mouse.wheel(0, -72)
    await delay(100)
  }
  await answers.first().click()
  await page.mouse.move(4, 800)
  await delay(600)
}

/** Several clients talk through the relay while the loop is blocked for 50 ms; shows the stall and who waited for it, a step in. */
const stall = async (page: Page, apiPort: number): Promise<void> => {
  await page.keyboard.press('Control+2')
  await page.getByRole('textbox', { name: 'Slow-callback threshold, ms' }).fill('40')
  await page.getByRole('combobox', { name: 'For how long the loop is blocked' }).click()
  await page.getByRole('option', { name: '50 ms', exact: true }).click()
  for (const everyMs of [23, 31, 37]) void askOften(apiPort, everyMs)
  await delay(1200)
  await page.getByRole('button', { name: 'Block the loop' }).click()
  const card = page.getByRole('complementary', { name: 'Slow callback' })
  await card.getByText(/^Delayed \d connections?$/).waitFor()
  for (const key of ['b', '+', '+', '+', '+', '+', '+', '+', '.', '.']) await page.keyboard.press(key)
  await page.mouse.move(4, 700)
  await delay(600)
}

/** The lesson of the designer's picture, at the step where the timer has fulfilled the sleep. */
const learn = async (page: Page): Promise<void> => {
  await page.keyboard.press('Control+3')
  await page.getByRole('button', { name: /^8 ?Coroutines/ }).click()
  const step = page.getByText('The timer fulfilled')
  await page.getByRole('button', { name: 'Next step' }).waitFor()
  for (let i = 0; i < 30 && !(await step.isVisible()); i++) {
    await page.keyboard.press('.')
    await delay(150)
  }
  await page.mouse.move(4, 700)
  await delay(600)
}

/** Two pictures of what the page shows, dark and light. */
const shoot = async (page: Page, name: string): Promise<void> => {
  for (const [colorScheme, suffix] of [
    ['light', '-light'],
    ['dark', ''],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    await delay(600)
    await page.screenshot({ path: join(root, `docs/${name}${suffix}.png`) })
  }
}

const serve = async () => {
  const host = spawn(process.execPath, [join(root, 'out/main/cli.js'), 'serve', '--no-open', '--no-capture'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface({ input: host.stdout }), 'line')) as [string]
  return {
    url,
    dispose: async () => {
      const ended = once(host, 'exit')
      host.kill('SIGTERM')
      await ended
    },
  }
}

buildIfStale(() => console.error('Building Wireloop …'))
const host = await serve()
const browser = await launchChromium()
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' })
  page.setDefaultTimeout(15_000)
  await page.goto(host.url)
  const { emptyPart, apiPort } = await play(page)
  await frame(page, emptyPart)
  await select(page)
  await shoot(page, 'wireloop')
  await stall(page, apiPort)
  await shoot(page, 'loop')
  await learn(page)
  await shoot(page, 'lesson')
  console.log('docs/{wireloop,loop,lesson}{,-light}.png show this build')
} finally {
  await browser.close()
  await host.dispose()
  await endPeers()
}
