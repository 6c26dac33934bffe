// A relay as a lab, by keyboard alone: chunks held, edited, dropped and let go with an injection between them; a chain of faults
// put together, moved, mended and felt. Counterparts: renderer/relay, main/engine/endpoints/lab.
import { createServer, connect as netConnect, type Socket } from 'node:net'
import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { isFocused, pressTo } from './support/keys.ts'
import {
  boundPort,
  composerReady,
  eventGrid,
  inspectorFacts,
  openServedWorkbench,
  rowsWith,
} from './support/served-workbench.ts'

const patient = { timeout: 20_000, interval: 20 }
/** A bound, never a measure: many keys take long on a busy machine, ms. */
const longTest = 180_000

/** A service that keeps the lines that it gets, and answers nothing. */
const startService = async () => {
  let text = ''
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    lines: () => text.split('\n').filter((line) => line !== ''),
  }
}

const connectTo = async (port: number): Promise<Socket> => {
  const socket = netConnect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => socket.destroy())
  onTestFinished(() => void socket.destroy())
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  return socket
}

const fill = async (page: Page, field: Locator, text: string): Promise<void> => {
  await pressTo(page, 'Tab', field)
  await page.keyboard.press('Control+A')
  await page.keyboard.type(text)
}

const sheetOf = (page: Page): Locator => page.getByRole('dialog')
const relayRow = (page: Page): Locator => page.getByRole('treegrid').getByRole('row').filter({ hasText: 'lab' }).first()
const heldRows = (page: Page): Locator =>
  page.getByRole('grid', { name: 'Held chunks' }).locator('[role=row][aria-selected]')
const selectedHeld = (page: Page): Promise<string | null> =>
  page.getByRole('grid', { name: 'Held chunks' }).locator('[role=row][aria-selected=true]').getAttribute('aria-label')

/** From the first-run screen: a relay in front of the service. Answers its port. */
const makeRelay = async (page: Page, upstreamPort: number): Promise<number> => {
  await pressTo(page, 'Tab', page.getByRole('button', { name: 'New relay' }))
  await page.keyboard.press('Enter')
  const sheet = sheetOf(page)
  await sheet.waitFor()
  const field = (name: string) => sheet.getByLabel(name, { exact: true })
  await fill(page, field('Name'), 'lab')
  await fill(page, field('Port'), '0')
  await fill(page, field('Upstream host'), '127.0.0.1')
  await fill(page, field('Upstream port'), String(upstreamPort))
  await page.keyboard.press('Enter')
  await sheet.waitFor({ state: 'hidden' })
  return boundPort(page, 'lab')
}

/** From anywhere on the Wire screen: the relay's sheet, by its row. */
const openSheet = async (page: Page): Promise<void> => {
  await pressTo(page, 'F6', relayRow(page))
  await page.keyboard.press('Enter')
  await sheetOf(page).waitFor()
}

/** Runs in the page. */
const heldCountIs = (count: number): boolean =>
  document.querySelector('[role=grid][aria-label="Held chunks"]')?.getAttribute('aria-rowcount') === String(count)

const save = async (page: Page): Promise<void> => {
  await page.keyboard.press('Control+Enter')
  await sheetOf(page).getByText('Saved. It holds from the next chunk on.').waitFor()
}

describeInChromium('A relay as a lab, by keyboard alone', () => {
  it(
    'holds 50 chunks, lets one be edited and one be dropped, and all go in order with an injection between',
    async () => {
      const service = await startService()
      const { page, complaints } = await openServedWorkbench()
      const port = await makeRelay(page, service.port)
      await openSheet(page)
      await page.keyboard.press('i')
      await expect
        .poll(() =>
          sheetOf(page)
            .getByRole('switch', { name: /Intercept, Client/ })
            .isChecked(),
        )
        .toBe(true)
      await save(page)

      const client = await connectTo(port)
      const list = page.getByRole('grid', { name: 'Held chunks' })
      for (let i = 1; i <= 50; i++) {
        client.write(`chunk ${i}\n`)
        // Looked for in the page itself: fifty times there and back takes long.
        await page.waitForFunction(heldCountIs, i)
      }
      // What comes takes nobody's focus, and moves nothing.
      expect(await isFocused(page, heldRows(page))).toBe(false)
      expect(await list.evaluate((box) => box.scrollTop)).toBe(0)
      await sheetOf(page)
        .getByRole('button', { name: /\d+ new below/ })
        .waitFor()
      expect(service.lines()).toEqual([])

      await pressTo(page, 'F6', heldRows(page).first())
      for (const next of [2, 3, 4]) {
        await page.keyboard.press('Enter')
        await expect.poll(() => selectedHeld(page), patient).toMatch(new RegExp(`^Chunk ${next},`))
        await expect.poll(() => isFocused(page, heldRows(page).first()), patient).toBe(true)
      }
      await expect.poll(() => service.lines(), patient).toEqual(['chunk 1', 'chunk 2', 'chunk 3'])
      // The sheet goes, the chunks stay; what is sent meanwhile goes between them.
      await page.keyboard.press('Escape')
      await sheetOf(page).waitFor({ state: 'hidden' })
      await expect.poll(() => relayRow(page).innerText()).toContain('47 held')
      // The focus is where the sheet was opened from.
      await expect.poll(() => isFocused(page, relayRow(page))).toBe(true)
      const target = page.getByRole('combobox', { name: 'Send to' })
      await composerReady(page)
      expect(await target.innerText()).toContain('→ upstream')
      await pressTo(page, 'F6', page.getByRole('textbox', { name: 'Message' }))
      await page.keyboard.type('injected\\n')
      await page.keyboard.press('Control+Enter')
      await expect.poll(() => service.lines().at(-1), patient).toBe('injected')
      await page.keyboard.press('Escape')

      await openSheet(page)
      await expect.poll(() => isFocused(page, heldRows(page).first())).toBe(true)
      for (const next of [5, 6, 7]) {
        await page.keyboard.press('ArrowDown')
        await expect.poll(() => selectedHeld(page)).toMatch(new RegExp(`^Chunk ${next},`))
      }
      await page.keyboard.press('e')
      const editor = sheetOf(page).getByRole('textbox', { name: 'Bytes of chunk 7' })
      await expect.poll(() => isFocused(page, editor)).toBe(true)
      await page.keyboard.press('Home')
      for (let i = 0; i < 'chunk'.length; i++) await page.keyboard.press('Shift+ArrowRight')
      await page.keyboard.type('CHANGED')
      await expect.poll(() => editor.locator('del').allInnerTexts()).toEqual(['chunk'])
      expect(await editor.locator('ins').allInnerTexts()).toEqual(['CHANGED'])
      await sheetOf(page).getByText('+2', { exact: true }).waitFor()
      await page.keyboard.press('Escape')
      await expect.poll(() => isFocused(page, heldRows(page).nth(3))).toBe(true)

      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      await expect.poll(() => selectedHeld(page)).toMatch(/^Chunk 9,/)
      await page.keyboard.press('Delete')
      await expect.poll(() => selectedHeld(page)).toMatch(/^Chunk 10,/)
      await page.keyboard.press('Shift+Enter')

      const rest = Array.from({ length: 47 }, (_, i) => `chunk ${i + 4}`)
        .filter((line) => line !== 'chunk 9')
        .map((line) => (line === 'chunk 7' ? 'CHANGED 7' : line))
      await expect.poll(() => service.lines(), patient).toEqual(['chunk 1', 'chunk 2', 'chunk 3', 'injected', ...rest])
      await list.waitFor({ state: 'hidden' })
      await page.keyboard.press('Escape')
      await sheetOf(page).waitFor({ state: 'hidden' })

      // What was done to a chunk is told with it, and leads to what it left as.
      await pressTo(page, 'F6', eventGrid(page))
      await page.keyboard.press('Home')
      // Behind the listener and the pair, each chunk is read and held.
      for (let seq = 1; seq < 4 + 2 * 7 - 1; seq++) await page.keyboard.press('ArrowDown')
      await expect
        .poll(() => inspectorFacts(page))
        .toMatchObject({
          'On its way': expect.stringContaining('then edited'),
          'Left as': expect.stringMatching(/#\d+/),
        })
      expect(await page.getByRole('complementary', { name: 'Inspector' }).innerText()).toContain('chunk 7')
      expect(complaints).toEqual([])
    },
    longTest,
  )

  it(
    'has a chain of faults put together, moved and mended, and does what it says',
    async () => {
      const service = await startService()
      const { page, complaints } = await openServedWorkbench()
      await page.setViewportSize({ width: 1280, height: 720 })
      const port = await makeRelay(page, service.port)
      await openSheet(page)
      const chain = page.getByRole('list', { name: 'Faults, Client → upstream' })
      const names = () => chain.locator('.fault-name').allInnerTexts()
      const strip = page.getByRole('region', { name: /What happens to one write, Client/ })
      const value = (name: string) => chain.getByRole('button', { name })
      const add = async (kind: string) => {
        const count = await chain.getByRole('listitem').count()
        await page.keyboard.press('a')
        const entry = page.getByRole('menuitem', { name: kind })
        await expect.poll(() => page.getByRole('menuitem').count()).toBe(13)
        await pressTo(page, 'ArrowDown', entry)
        await page.keyboard.press('Enter')
        await expect.poll(() => chain.getByRole('listitem').count()).toBe(count + 1)
        await page.getByRole('menu').waitFor({ state: 'hidden' })
      }
      await add('Latency')
      await expect.poll(() => isFocused(page, value('Delay of latency, 120 ms'))).toBe(true)
      expect(await strip.innerText()).toContain('leaves 90 to 150\u202fms later')
      // What is no time is told, and taken back.
      await page.keyboard.press('Enter')
      await page.keyboard.type('soon')
      await page.keyboard.press('Enter')
      await chain.getByRole('alert').filter({ hasText: 'Write a number, such as 120 ms' }).waitFor()
      await page.keyboard.press('Escape')
      await expect.poll(() => isFocused(page, value('Delay of latency, 120 ms'))).toBe(true)
      await page.keyboard.press('Enter')
      await page.keyboard.type('40')
      await page.keyboard.press('Enter')
      await pressTo(page, 'Tab', value('Jitter of latency, 30 ms'))
      await page.keyboard.press('Enter')
      await page.keyboard.type('0')
      await page.keyboard.press('Enter')
      await expect.poll(() => strip.innerText()).toContain('leaves 40\u202fms later')

      await add('Slicer')
      await add('Drop')
      await expect.poll(names).toEqual(['Latency', 'Slicer', 'Drop'])
      await pressTo(page, 'Shift+Tab', chain.getByRole('button', { name: /^Move Drop/ }))
      await page.keyboard.press('Alt+ArrowUp')
      await expect.poll(names).toEqual(['Latency', 'Drop', 'Slicer'])
      await expect.poll(() => isFocused(page, chain.getByRole('button', { name: /^Move Drop/ }))).toBe(true)
      await page.keyboard.press(' ')
      await expect.poll(() => chain.getByRole('switch', { name: 'Drop on' }).isChecked()).toBe(false)
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe(colorScheme)
        const { violations } = await new AxeBuilder({ page }).include('[role=dialog]').analyze()
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
      }

      // Leaving with changes asks once.
      await page.keyboard.press('Escape')
      await sheetOf(page).getByText('Not saved. Press Esc again').waitFor()
      await save(page)
      await page.keyboard.press('Escape')
      await sheetOf(page).waitFor({ state: 'hidden' })
      await expect.poll(() => relayRow(page).innerText()).toContain('2 faults on')

      const client = await connectTo(port)
      client.write(`${'x'.repeat(2000)}\n`)
      await expect.poll(() => service.lines().map((line) => line.length), patient).toEqual([2000])
      const rows = await rowsWith(page, (all) => all.filter(({ kind }) => kind === 'fault-applied').length === 2)
      expect(rows.filter(({ kind }) => kind === 'fault-applied').map(({ payload }) => payload)).toEqual([
        expect.stringMatching(/^latency: delayed \d+(\.\d+)?\s*ms$/),
        'slicer: cut into 2 pieces',
      ])
      expect(rows.find(({ kind }) => kind === 'data-received')?.payload).toMatch(/delayed .* \+1$/)
      expect(complaints).toEqual([])
    },
    longTest,
  )
})
