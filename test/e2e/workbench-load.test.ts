// The page under load: a reload in mid-traffic loses nothing, and 100 connections × 1,000 messages are counted alike by the
// engine, the page and an outside count, while the page stays usable. Counterpart: test/page-session/hundred-connections.test.ts.
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { until } from '../support/loopback.ts'
import { pingPong } from '../support/ping-pong.ts'
import {
  boundPort,
  eventGrid,
  eventsKept,
  inspectorFacts,
  numberIn,
  openServedWorkbench,
  rowsWith,
  type TableRow,
} from './support/served-workbench.ts'

const startEcho = async (page: Page): Promise<number> => {
  await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  return boundPort(page, 'Echo')
}

/** Less than is on the screen, so that no row is scrolled past unseen. */
const scrollPx = 400

/** Every row of the event table, from the first to `last`, scrolled through as a person would. */
const allRows = async (page: Page, last: number): Promise<TableRow[]> => {
  const all = new Map<number, TableRow>()
  await eventGrid(page).focus()
  await page.keyboard.press('Home')
  await eventGrid(page).hover()
  let rows = await rowsWith(page, (shown) => shown[0]?.seq === 1)
  for (;;) {
    for (const row of rows) all.set(row.seq, row)
    if (rows.at(-1)!.seq >= last) return [...all.values()].toSorted((a, b) => a.seq - b.seq)
    const first = rows[0]!.seq
    await page.mouse.wheel(0, scrollPx)
    rows = await rowsWith(page, (shown) => shown[0]!.seq > first)
  }
}

const countOf = (rows: readonly TableRow[], kind: string) => rows.filter((row) => row.kind === kind).length

/** How many events are in the table, by its own account. */
const rowCount = async (page: Page): Promise<number> => Number(await eventGrid(page).getAttribute('aria-rowcount')) - 1

/** `{ bytes, reads or writes }` out of the inspector's “6 400 000 B in 100 000 reads”. */
const trafficIn = (fact: string | undefined) => {
  const [bytes = '', messages = ''] = (fact ?? '').split(' in ')
  return { bytes: numberIn(bytes), messages: numberIn(messages) }
}

describeInChromium('The workbench under load', () => {
  it('loses nothing when it is loaded again in mid-traffic', async () => {
    const { page, complaints } = await openServedWorkbench(2000)
    const port = await startEcho(page)
    let reloads = 0
    const outside = await pingPong(port, {
      connections: 10,
      messages: 60,
      size: 64,
      before: (connection, message) => {
        if (connection !== 0 || message % 10 !== 5) return undefined
        reloads++
        return page.reload().then(() => eventGrid(page).waitFor())
      },
    })
    expect(reloads).toBe(6)
    // Listening, and of each connection made, eof-received and lost, besides its messages both ways.
    const last = 1 + 3 * outside.connections + 2 * outside.messages
    await expect.poll(() => eventsKept(page), { timeout: 20_000 }).toBe(last)
    const rows = await allRows(page, last)
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: last }, (_, i) => i + 1))
    expect({
      made: countOf(rows, 'connection-made'),
      received: countOf(rows, 'data-received'),
      sent: countOf(rows, 'data-sent'),
      lost: countOf(rows, 'connection-lost'),
    }).toEqual({
      made: outside.connections,
      received: outside.messages,
      sent: outside.messages,
      lost: outside.connections,
    })
    expect(complaints).toEqual([])
  })

  it('counts 100 connections × 1,000 messages like the engine and an outside count, and stays usable meanwhile', async () => {
    const { page, complaints } = await openServedWorkbench()
    const port = await startEcho(page)
    let over = false
    /** How often the page was used while the traffic went on. However fast it goes, it waits half-way for the first time. */
    let used = 0
    const traffic = pingPong(port, {
      connections: 100,
      messages: 1000,
      size: 64,
      before: (_, message) =>
        message === 500
          ? until(
              () => used > 0,
              () => 'the page to be used',
              60_000,
            )
          : undefined,
    }).finally(() => {
      over = true
    })
    while (!over) {
      await page.getByRole('button', { name: 'New client' }).first().click()
      const sheet = page.getByRole('dialog')
      await sheet.getByLabel('Port', { exact: true }).fill('4242')
      expect(await sheet.getByLabel('Port', { exact: true }).inputValue()).toBe('4242')
      // The first Esc says that what was typed is not kept.
      await page.keyboard.press('Escape')
      await sheet.getByText(/Press Esc again/).waitFor()
      await page.keyboard.press('Escape')
      await sheet.waitFor({ state: 'hidden' })
      await page.getByRole('button', { name: 'Pause view' }).click()
      await page.getByRole('button', { name: /^Resume/ }).click()
      used++
    }
    const outside = await traffic

    const last = 1 + 3 * outside.connections + 2 * outside.messages
    await expect.poll(() => eventsKept(page), { timeout: 60_000 }).toBe(last)
    await expect.poll(() => rowCount(page), { timeout: 60_000 }).toBe(last)
    await eventGrid(page).focus()
    await page.keyboard.press('End')
    await rowsWith(page, (rows) => rows.at(-1)?.seq === last)

    await page.getByRole('treegrid').getByRole('row').filter({ hasText: 'Echo' }).first().click()
    await expect
      .poll(async () => {
        const facts = await inspectorFacts(page)
        return {
          connections: facts['Connections'],
          received: trafficIn(facts['Received']),
          sent: trafficIn(facts['Sent']),
        }
      })
      .toEqual({
        connections: expect.stringMatching(/^0 open, 100 in all$/),
        received: { bytes: outside.bytesSent, messages: outside.messages },
        sent: { bytes: outside.bytesReceived, messages: outside.messages },
      })
    expect(complaints).toEqual([])
  }, 180_000)
})
