// The same as workbench.test.ts, by keyboard alone: nothing here moves the pointer or puts the focus anywhere but by keys.
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { frames, isFocused, pressTo } from './support/keys.ts'
import {
  boundPort,
  composerReady,
  eventGrid,
  inspectorFacts,
  openServedWorkbench,
  rowsWith,
  stories,
} from './support/served-workbench.ts'

/** Goes to a field by Tab and writes over what is in it. */
const fill = async (page: Page, field: Locator, text: string): Promise<void> => {
  await pressTo(page, 'Tab', field)
  await page.keyboard.press('Control+A')
  await page.keyboard.type(text)
}

/** From the first-run screen: a listener on any free port. Answers its port. */
const startListener = async (page: Page): Promise<number> => {
  await fill(page, page.getByRole('textbox', { name: 'Listening address' }), '127.0.0.1:0')
  await page.keyboard.press('Enter')
  return boundPort(page, 'Echo')
}

/** Opens a sheet by its letter and fills it in. Enter starts. */
const fillSheet = async (page: Page, letter: string, fields: Readonly<Record<string, string>>): Promise<void> => {
  await page.keyboard.press(letter)
  const sheet = page.getByRole('dialog')
  await sheet.waitFor()
  for (const [label, text] of Object.entries(fields)) await fill(page, sheet.getByLabel(label, { exact: true }), text)
  await page.keyboard.press('Enter')
  await sheet.waitFor({ state: 'hidden' })
}

const message = (page: Page) => page.getByRole('textbox', { name: 'Message' })

/** Writes into the composer and sends, then leaves it, so that letters are keys again. */
const send = async (page: Page, text: string): Promise<void> => {
  await composerReady(page)
  await page.keyboard.press('s')
  await expect.poll(() => isFocused(page, message(page))).toBe(true)
  // What was sent stays there, to be sent again.
  await page.keyboard.press('Control+A')
  await page.keyboard.type(text)
  await page.keyboard.press('Control+Enter')
  await page.keyboard.press('Escape')
}

/** Walks the side bar to a connection and kills it. */
const kill = async (page: Page, connection: number): Promise<void> => {
  const rows = page.getByRole('treegrid').getByRole('row')
  for (let panes = 0; panes < 10 && !(await isFocused(page, rows)); panes++) {
    await page.keyboard.press('F6')
    await frames(page)
  }
  await page.keyboard.press('Home')
  // The focus follows a frame later, and the next key is meant for where it then is.
  await expect.poll(() => isFocused(page, rows.filter({ hasText: 'Echo' }).first())).toBe(true)
  await pressTo(page, 'ArrowDown', page.getByRole('row', { name: `Connection ${connection}`, exact: true }))
  await page.keyboard.press('Delete')
}

describeInChromium('The workbench, by keyboard alone', () => {
  it('goes from the first run over “Hello World!” to a connection killed, with every event and its cause shown', async () => {
    const { page, complaints } = await openServedWorkbench()
    const port = await startListener(page)
    await fillSheet(page, 'c', { Host: '127.0.0.1', Port: String(port) })
    await send(page, 'Hello World!')
    const rows = await rowsWith(page, (all) => all.filter(({ payload }) => payload === 'Hello World!').length === 4)
    const opened = rows.find(({ kind }) => kind === 'connection-started')!.connection!
    const accepted = rows.find(({ endpoint, connection }) => endpoint === 'Echo' && connection !== null)!.connection!
    expect(stories(rows).get(opened)).toEqual([
      'connection-started',
      'connection-made',
      'data-sent Hello World!',
      'data-received Hello World!',
    ])
    expect(stories(rows).get(accepted)).toEqual([
      'connection-made',
      'data-received Hello World!',
      'data-sent Hello World!',
    ])

    await kill(page, accepted)
    await rowsWith(page, (all) => all.filter(({ kind }) => kind === 'connection-lost').length === 2)
    await pressTo(page, 'F6', eventGrid(page))
    await page.keyboard.press('End')
    await expect
      .poll(() => inspectorFacts(page))
      .toMatchObject({
        Cause: expect.stringContaining('reset-by-peer'),
        Error: expect.stringContaining('ECONNRESET'),
      })
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => inspectorFacts(page)).toMatchObject({ Cause: expect.stringContaining('reset-here') })
    expect(complaints).toEqual([])
  })

  it('puts a relay in between, and injects into it', async () => {
    const { page, complaints } = await openServedWorkbench(2000)
    const upstreamPort = await startListener(page)
    await fillSheet(page, 'r', {
      Name: 'middle',
      Port: '0',
      'Upstream host': '127.0.0.1',
      'Upstream port': String(upstreamPort),
    })
    const port = await boundPort(page, 'middle')
    await fillSheet(page, 'c', { Host: '127.0.0.1', Port: String(port) })
    await rowsWith(page, (all) => all.filter(({ kind }) => kind === 'connection-made').length === 4)
    await send(page, 'Hello World!')
    await rowsWith(page, (all) => all.filter(({ payload }) => payload === 'Hello World!').length === 8)

    await pressTo(page, 'Tab', page.getByRole('combobox', { name: 'Send to' }))
    await page.keyboard.press('Enter')
    const target = page.getByRole('option', { name: /→ upstream/ })
    await target.waitFor()
    await pressTo(page, 'ArrowDown', target)
    await page.keyboard.press('Enter')
    await target.waitFor({ state: 'hidden' })
    await page.keyboard.press('Escape')
    await send(page, 'injected')
    const rows = await rowsWith(page, (all) => all.filter(({ payload }) => payload === 'injected').length === 6)
    const sent = rows.filter(({ kind, payload }) => kind === 'data-sent' && payload === 'injected')
    expect(sent.map(({ endpoint }) => endpoint)).toEqual(['middle', 'Echo', 'middle'])
    expect(complaints).toEqual([])
  })
})
