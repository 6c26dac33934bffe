// The main job, by hand, as a person does it in whatever shows the page: start an echo listener, connect to it, send `Hello World!`
// and watch every event of it arrive. The same steps for the desktop stand-in, Electron and the browser.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** The texts of the event table's rows, in order, spaces collapsed. */
export const eventRows = async (page: Page): Promise<string[]> => {
  const rows = await page.getByRole('grid', { name: 'Events' }).getByRole('rowgroup').getByRole('row').allInnerTexts()
  return rows.map((row) => row.replace(/\s+/g, ' ').trim())
}

/** Starts a listener on any free port, with the sheet; the port it got, as the side bar shows it. */
export const startListener = async (page: Page): Promise<number> => {
  await page.getByRole('button', { name: 'New listener' }).first().click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Port', { exact: true }).fill('0')
  await sheet.getByRole('button', { name: 'Start' }).click()
  const address = page
    .getByRole('treegrid')
    .getByText(/^127\.0\.0\.1:[1-9]\d*$/)
    .first()
  await address.waitFor()
  return Number((await address.textContent())?.split(':')[1])
}

/** Connects a client, with the sheet. */
export const connectClient = async (page: Page, port: number): Promise<void> => {
  await page.getByRole('button', { name: 'New client' }).first().click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Host', { exact: true }).fill('127.0.0.1')
  await sheet.getByLabel('Port', { exact: true }).fill(String(port))
  await sheet.getByRole('button', { name: 'Connect' }).click()
}

/** Does the main job and checks what the page shows of it. */
export const doMainJob = async (page: Page): Promise<void> => {
  const port = await startListener(page)
  await connectClient(page, port)
  const message = page.getByRole('textbox', { name: 'Message' })
  await expect.poll(() => message.isEnabled()).toBe(true)
  await message.fill('Hello World!')
  await page.getByRole('button', { name: 'Send' }).click()
  // Both ends of the one connection are ours: each sends and receives the twelve bytes once.
  const carrying = async () => (await eventRows(page)).filter((row) => row.includes('Hello World!'))
  await expect.poll(async () => (await carrying()).length).toBe(4)
  const rows = await eventRows(page)
  const kinds = rows.map((row) => /[a-z]+-[a-z]+/.exec(row)?.[0])
  expect(kinds.toSorted()).toEqual([
    'connection-made',
    'connection-made',
    'connection-started',
    'data-received',
    'data-received',
    'data-sent',
    'data-sent',
    'listener-started',
  ])
}
