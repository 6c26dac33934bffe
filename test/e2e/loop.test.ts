// The Loop screen in real Chromium, over real traffic: turns counted as libuv counts them, a stall with exactly those who
// waited, the way from a byte to its callback and back, and a recording that can be taken along.
import { readFile } from 'node:fs/promises'
import net from 'node:net'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { boundPort, inspectorFacts, numberIn, openServedWorkbench } from './support/served-workbench.ts'

/** Connects `count` peers, of which `chatting` send a line every 50 ms until the test is over. */
const connectPeers = async (port: number, count: number, chatting: number): Promise<void> => {
  for (let i = 0; i < count; i++) {
    const socket = net.connect(port, '127.0.0.1')
    socket.resume()
    await new Promise((resolve) => socket.once('connect', resolve))
    const timer = i < chatting ? setInterval(() => socket.write('PING\r\n'), 50) : undefined
    onTestFinished(() => {
      clearInterval(timer)
      socket.destroy()
    })
  }
}

/** The served page with an echo listener and its peers, on the Loop screen. */
const openLoop = async (count: number, chatting: number) => {
  const opened = await openServedWorkbench()
  const { page } = opened
  await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await connectPeers(await boundPort(page, 'Echo'), count, chatting)
  await page.getByRole('tab', { name: 'Loop' }).click()
  await callbacks(page).first().waitFor()
  return opened
}

const grid = (page: Page) => page.getByRole('grid', { name: 'Callbacks' })
/** The rows on the screen, without the head. */
const callbacks = (page: Page) => grid(page).getByRole('rowgroup').getByRole('row')
const cellsOf = (row: ReturnType<typeof callbacks>): Promise<string[]> =>
  row.getByRole('gridcell').evaluateAll((all) => all.map((cell) => (cell as HTMLElement).innerText.trim()))

const selectedCells = (page: Page): Promise<string[]> => cellsOf(grid(page).getByRole('row', { selected: true }))

/** Stops following, by keyboard; nothing moves by itself any more. */
const standStill = async (page: Page): Promise<void> => {
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Play' }).waitFor()
}

/** Turns counted since the page opened, and libuv's number of the last one, as the metric's tooltip says. */
const turnsCounted = async (page: Page) => {
  await page.mouse.move(0, 0)
  await page.getByRole('region', { name: 'Iterations per second' }).hover()
  const text = await page.getByText(/since this page opened/).textContent()
  const [, counted, last] = /; (\d+) since this page opened, the last one is #(\d+)/.exec(text ?? '') ?? []
  return { counted: Number(counted), last: Number(last) }
}

/** Presses “Block the loop” for a second, with the threshold so high that this machine's own hiccups are no stalls. */
const block = async (page: Page) => {
  await page.getByRole('textbox', { name: 'Slow-callback threshold, ms' }).fill('700')
  await page.getByRole('combobox', { name: 'For how long the loop is blocked' }).click()
  await page.getByRole('option', { name: '1000 ms' }).click()
  await page.getByRole('button', { name: 'Block the loop' }).click()
  const card = page.getByRole('complementary', { name: 'Slow callback' })
  await card.waitFor()
  return card
}

describeInChromium('The Loop screen', () => {
  it('counts every turn of the loop, as libuv does', async () => {
    const { page, complaints } = await openLoop(4, 4)
    const before = await turnsCounted(page)
    await expect
      .poll(async () => (await turnsCounted(page)).last, { timeout: 20_000 })
      .toBeGreaterThan(before.last + 200)
    const after = await turnsCounted(page)
    expect(after.counted - before.counted).toBe(after.last - before.last)
    expect(complaints).toEqual([])
  })

  it('shows who held the loop, for how long, and exactly whom that delayed', async () => {
    const { page, complaints } = await openLoop(10, 7)
    const card = await block(page)
    expect(await card.getByRole('heading').first().textContent()).toMatch(/^Blocked the loop 1\.\d+\u202fs$/)
    await expect.poll(() => card.getByText(/^Delayed 7 connections$/).count()).toBe(1)
    // Connections are numbered as they came: the first seven chat.
    const delayed = await card
      .getByRole('listitem')
      .evaluateAll((all) => all.map((row) => Number.parseInt(row.textContent, 10)))
    expect(delayed.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7])
    const p99Ms = async () => {
      const delay = await page.getByRole('region', { name: 'Delay' }).innerText()
      const [, p99, unit] = /p99\s+([\d.]+)\s*(\S+)/.exec(delay) ?? []
      return Number(p99) * (unit === 's' ? 1000 : 1)
    }
    await expect.poll(p99Ms).toBeGreaterThan(900)
    await page.keyboard.press('b')
    await expect
      .poll(async () => (await selectedCells(page)).slice(2, 4))
      .toEqual(['check', 'block the loop asked for by a page'])
    expect(complaints).toEqual([])
  })

  it('leads from a callback to the bytes that it delivered, and back, by one key', async () => {
    const { page, complaints } = await openLoop(3, 3)
    await standStill(page)
    // The last records before the standstill may still be on their way: what is the last row now need not be so in a moment.
    const newest = callbacks(page).filter({ hasText: 'data-received' }).last()
    const row = grid(page).locator(`[data-callback="${await newest.getAttribute('data-callback')}"]`)
    const [iteration, , phase, what, connection] = await cellsOf(row)
    expect([phase, what]).toEqual(['poll', expect.stringMatching(/^data-received 6\u202fB/)])
    await row.click()
    await expect.poll(async () => (await selectedCells(page))[0]).toBe(iteration)
    await page.keyboard.press('g')
    await expect
      .poll(() => inspectorFacts(page))
      .toMatchObject({
        Connection: expect.stringContaining(connection!.split(/\s/)[0]!),
        Phase: expect.stringMatching(new RegExp(`^poll\\s*iteration ${iteration}$`)),
      })
    await page.keyboard.press('k')
    await page.keyboard.press('j')
    await page.keyboard.press('g')
    await expect.poll(async () => (await selectedCells(page))[0]).toBe(iteration)
    expect(complaints).toEqual([])
  })

  it('steps by callback and by iteration, and goes live again, by keyboard', async () => {
    const { page } = await openLoop(3, 3)
    const startedAt = async () => numberIn((await selectedCells(page))[1] ?? '')
    const iteration = async () =>
      numberIn(await page.getByRole('region', { name: 'Phase of the loop' }).getByText(/^\d+$/).first().textContent())
    await standStill(page)
    await page.keyboard.press(',')
    await expect.poll(startedAt).toBeGreaterThan(0)
    const newest = await startedAt()
    await page.keyboard.press(',')
    await expect.poll(startedAt).toBeLessThan(newest)
    await page.keyboard.press('.')
    await expect.poll(startedAt).toBe(newest)
    const before = await iteration()
    await page.keyboard.press('Shift+<')
    await page.keyboard.press('Shift+<')
    await expect.poll(iteration).toBeLessThan(before)
    await page.keyboard.press('End')
    const live = page.getByRole('button', { name: 'Live', exact: true })
    await live.waitFor()
    expect(await live.getAttribute('aria-pressed')).toBe('true')
  })

  it('saves the recording as trace events that name every callback', async () => {
    const { page } = await openLoop(2, 2)
    await page.getByRole('button', { name: 'Export' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /The whole recording/ }).click(),
    ])
    expect(download.suggestedFilename()).toBe('wireloop-loop.json')
    const { traceEvents } = JSON.parse(await readFile(await download.path(), 'utf8')) as {
      traceEvents: { readonly ph: string; readonly name: string; readonly cat?: string }[]
    }
    expect(traceEvents.filter(({ name }) => name === 'thread_name').length).toBeGreaterThan(9)
    expect(traceEvents.some(({ cat, name }) => cat === 'poll' && name.startsWith('data-received · conn '))).toBe(true)
  })

  it('stops watching and starts again, and says which', async () => {
    const { page } = await openLoop(2, 2)
    const level = page.getByRole('combobox', { name: 'How much of the loop is watched' })
    await level.click()
    await page.getByRole('option', { name: 'Off' }).click()
    await page.getByText('The loop is not being watched.').first().waitFor()
    await page.getByRole('button', { name: 'loop not watched' }).waitFor()
    const { last } = await turnsCounted(page)
    await page.getByRole('button', { name: 'Watch callbacks' }).click()
    await expect.poll(async () => (await turnsCounted(page)).last, { timeout: 20_000 }).toBeGreaterThan(last)
    const { counted, last: later } = await turnsCounted(page)
    expect(counted).toBeLessThan(later)
  })

  it('says in every page how much is watched, as soon as one of them has changed it', async () => {
    const { page, url } = await openLoop(1, 0)
    const other = await page.context().newPage()
    await other.goto(url)
    await other.getByRole('tab', { name: 'Loop' }).click()
    const levelIn = (which: Page) => which.getByRole('combobox', { name: 'How much of the loop is watched' })
    await expect.poll(() => levelIn(other).innerText()).toBe('Callbacks')
    await levelIn(page).click()
    await page.getByRole('option', { name: 'Heartbeat' }).click()
    await expect.poll(() => levelIn(other).innerText()).toBe('Heartbeat')
    await other.getByText('Callbacks are not watched at this level').waitFor()
  })

  it('says beside each level what it costs, and where that was measured', async () => {
    const { page } = await openLoop(1, 0)
    await page.getByRole('combobox', { name: 'How much of the loop is watched' }).click()
    const option = page.getByRole('option', { name: /^Callbacks(?! and)/ })
    await expect.poll(() => option.innerText()).toMatch(/Echo keeps \d+\u202f% at 64\u202fB · .* at 16\u202fKiB/)
    expect(await option.innerText()).toMatch(/Processor time [+−]\d+\u202f% at 64\u202fB/)
    await page.getByText(/measured on \d{4}-\d\d-\d\d: median of \d+ rounds on /).waitFor()
  })

  it('has no accessibility violation that axe can find, following or standing still', async () => {
    const { page } = await openLoop(3, 3)
    await block(page)
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await page.keyboard.press('b')
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  })
})
