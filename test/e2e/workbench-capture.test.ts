// The whole capture in the page: filter, find and go to, live and in an opened file of which the page holds next to nothing.
// Counterparts: renderer/event-log (filter, reader, summaries), renderer/search, main/archive.
import { connect } from 'node:net'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { makeCapture, needle } from '../bench/support/make-capture.ts'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { pingPong } from '../support/ping-pong.ts'
import {
  boundPort,
  eventGrid,
  inspectorFacts,
  numberIn,
  openServedWorkbench,
  rowsWith,
  tableRows,
  testFolder,
} from './support/served-workbench.ts'

const startEcho = async (page: Page): Promise<number> => {
  await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  return boundPort(page, 'Echo')
}

const rowCount = async (page: Page): Promise<number> => Number(await eventGrid(page).getAttribute('aria-rowcount')) - 1

/** Adds what is typed to the filter, and leaves out of the table what does not match. */
const filterBy = async (page: Page, text: string) => {
  await page.getByRole('combobox', { name: 'Filter' }).fill(text)
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
  const only = page.getByRole('button', { name: 'Show only what matches' })
  if ((await only.getAttribute('aria-pressed')) === 'false') await only.click()
}

const goTo = async (page: Page, text: string) => {
  await page.getByRole('textbox', { name: 'Go to' }).fill(text)
  await page.keyboard.press('Enter')
}

const matchesFound = (page: Page) => page.locator('.find-bar [role=status]')
const selectedSeq = async (page: Page): Promise<number> =>
  numberIn(
    await page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { level: 2 }).textContent(),
  )

/** What axe finds wrong, in short. */
const violations = async (page: Page): Promise<string[]> => {
  const { violations: found } = await new AxeBuilder({ page }).analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

describeInChromium('The whole capture in the page', () => {
  it('is filtered, searched and gone to while it is recorded', async () => {
    const { page, complaints } = await openServedWorkbench()
    const port = await startEcho(page)
    await pingPong(port, { connections: 4, messages: 50, size: 40 })
    const last = 1 + 4 * 3 + 4 * 50 * 2
    await expect.poll(() => rowCount(page), { timeout: 20_000 }).toBe(last)

    await filterBy(page, 'conn:3')
    await filterBy(page, 'received')
    await expect.poll(() => rowCount(page)).toBe(50)
    const rows = await rowsWith(page, (all) => all.length > 3)
    expect(new Set(rows.map(({ connection, kind }) => `${connection} ${kind}`))).toEqual(new Set(['3 data-received']))
    // What arrives is filtered as it arrives.
    await pingPong(port, { connections: 1, messages: 5, size: 40 })
    await expect.poll(() => page.getByText(/^50 of 4\d\d$/).count()).toBe(1)
    await page.getByRole('button', { name: 'Remove conn:3' }).click()
    await expect.poll(() => rowCount(page)).toBe(4 * 50 + 5)

    await page.keyboard.press('Control+f')
    await page.getByRole('textbox', { name: 'Find in payloads' }).fill('2:7;')
    await expect.poll(() => matchesFound(page).textContent(), { timeout: 20_000 }).toMatch(/^10 matches$/)
    await page.keyboard.press('Enter')
    await expect.poll(() => matchesFound(page).textContent()).toBe('1 of 10')
    expect(await page.locator('.event-row[aria-selected=true] mark').first().textContent()).toBe('2:7;')
    expect(await page.locator('.dump mark').first().textContent()).toMatch(/^32 3A 37 3B/)
    await page.keyboard.press('Shift+Enter')
    await expect.poll(() => matchesFound(page).textContent()).toBe('10 of 10')

    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Regex' }).click()
    await page.getByRole('textbox', { name: 'Find in payloads' }).fill('2:(7;')
    await page
      .getByRole('alert')
      .filter({ hasText: /2:\(7;|regular expression|pattern/i })
      .waitFor()
    await page.getByRole('textbox', { name: 'Find in payloads' }).press('Escape')
    expect(await page.getByRole('textbox', { name: 'Find in payloads' }).count()).toBe(0)

    await page.getByRole('button', { name: /^Remove kind/ }).click()
    await goTo(page, '#100')
    await expect.poll(() => selectedSeq(page)).toBe(100)
    await rowsWith(page, (all) => all.some(({ seq }) => seq === 100))
    await goTo(page, 'yesterday')
    await page.getByRole('alert').filter({ hasText: '#12345' }).waitFor()
    expect(complaints).toEqual([])
  })

  it('is all there for a page that came late, although that holds only its end', async () => {
    const { page, complaints } = await openServedWorkbench()
    const port = await startEcho(page)
    const outside = await pingPong(port, { connections: 20, messages: 500, size: 32 })
    const last = 1 + 3 * outside.connections + 2 * outside.messages
    await expect.poll(() => rowCount(page), { timeout: 30_000 }).toBe(last)
    await page.reload()
    await eventGrid(page).waitFor()
    await expect.poll(() => rowCount(page), { timeout: 30_000 }).toBe(last)
    await rowsWith(page, (rows) => rows.at(-1)?.seq === last && rows.at(-1)?.kind === 'connection-lost')
    await eventGrid(page).focus()
    await page.keyboard.press('Home')
    await rowsWith(page, (rows) => rows[0]?.seq === 1 && rows[0].kind === 'listener-started')
    await goTo(page, '#5000')
    const middle = await rowsWith(page, (rows) => rows.some(({ seq, kind }) => seq === 5000 && kind !== ''))
    expect(middle.map(({ seq }) => seq)).toEqual(middle.map((_, i) => middle[0]!.seq + i))
    await filterBy(page, 'data-received')
    await expect.poll(() => rowCount(page), { timeout: 20_000 }).toBe(outside.messages)
    // Lifelines of connections whose events it never took in.
    await expect.poll(() => page.getByRole('application', { name: /^Lifelines of 20 connections/ }).count()).toBe(1)
    expect(complaints).toEqual([])
  })

  it('is scrolled, stepped and searched in an opened file, of which nothing can be changed', async () => {
    const events = 120_000
    const file = join(await testFolder(), 'made.wireloop')
    makeCapture(file, { events, payloadBytes: 64, connections: 30, needleEvery: 40_000 })
    const { page, complaints } = await openServedWorkbench(900, file)
    const strip = page.getByRole('region', { name: 'Opened capture' })
    await strip.getByText('made.wireloop').waitFor()
    await expect.poll(() => rowCount(page), { timeout: 20_000 }).toBeGreaterThanOrEqual(events)
    const last = await rowCount(page)
    await rowsWith(page, (rows) => rows.at(-1)?.seq === last && rows.at(-1)?.kind === 'connection-lost')

    await eventGrid(page).focus()
    await page.keyboard.press('Home')
    await rowsWith(page, (rows) => rows[0]?.seq === 1 && rows[0].kind === 'connection-made')
    await page.keyboard.press('PageDown')
    await goTo(page, '#60000')
    const middle = await rowsWith(page, (rows) => rows.some(({ seq, kind }) => seq === 60_000 && kind !== ''))
    expect(middle.map(({ seq }) => seq)).toEqual(middle.map((_, i) => middle[0]!.seq + i))
    expect((await inspectorFacts(page))['Size']).toMatch(/^64.B/)
    // The scroll bar reaches everything.
    await eventGrid(page).evaluate((grid) => {
      grid.scrollTop = (grid.scrollHeight - grid.clientHeight) / 4
    })
    await rowsWith(page, (rows) => rows.length > 5 && Math.abs(rows[0]!.seq - last / 4) < 1000)

    await filterBy(page, 'connection-lost')
    await expect.poll(() => rowCount(page), { timeout: 20_000 }).toBeGreaterThan(30)
    await rowsWith(page, (rows) => rows.length > 3 && rows.every(({ kind }) => kind === 'connection-lost'))
    await page.getByRole('button', { name: /^Remove kind/ }).click()

    await page.keyboard.press('Control+f')
    await page.getByRole('textbox', { name: 'Find in payloads' }).fill(needle)
    await expect.poll(() => matchesFound(page).textContent(), { timeout: 20_000 }).toMatch(/^[1-3] match(es)?$/)
    await page.keyboard.press('Enter')
    await page.locator('.event-row[aria-selected=true] mark').getByText(needle).waitFor()

    expect(await page.getByRole('textbox', { name: 'Message' }).count()).toBe(0)
    expect(await page.getByRole('button', { name: /^New / }).count()).toBe(0)
    await page.keyboard.press('Escape')
    await strip.getByRole('button', { name: 'Back to live' }).click()
    await page.getByRole('textbox', { name: 'Listening address' }).waitFor()
    expect(await strip.count()).toBe(0)
    const port = await startEcho(page)
    const socket = connect(port, '127.0.0.1', () => socket.end('hello'))
    await rowsWith(page, (rows) => rows.some(({ payload }) => payload.includes('hello')))
    expect((await tableRows(page))[0]?.seq).toBe(1)
    expect(complaints).toEqual([])
  }, 120_000)
})
